package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.gantry.spi.routing.DeadLetters.DeadLetter;

/** A dead letter in one line. */
public final class DeadLetterLines {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private DeadLetterLines() {}

  /** Sequence number, time, endpoint, sender, number of refusals, the last reason, the body. */
  public static String text(DeadLetter letter) {
    return letter.sequence()
        + "  "
        + letter.time()
        + "  "
        + PlainText.escaped(letter.endpoint())
        + "  from "
        + PlainText.escaped(Events.sender(letter.message().message()))
        + "  refused "
        + letter.refusals()
        + " times: "
        + PlainText.escaped(letter.reason())
        + "  "
        + Events.body(letter.message().message().body());
  }

  /**
   * One JSON object without a line break: {@code sequence}, {@code time}, {@code endpoint}, {@code
   * reason}, {@code refusals}, {@code source}, and the members of {@link Events#json}.
   */
  public static String json(DeadLetter letter) {
    JsonObject json = new JsonObject();
    json.addProperty("sequence", letter.sequence());
    json.addProperty("time", letter.time().toString());
    json.addProperty("endpoint", letter.endpoint());
    json.addProperty("reason", letter.reason());
    json.addProperty("refusals", letter.refusals());
    json.addProperty("source", letter.message().source());
    json.addProperty("enqueuedTime", letter.message().enqueuedTime().toString());
    Events.put(json, letter.message().message());
    return GSON.toJson(json);
  }
}
