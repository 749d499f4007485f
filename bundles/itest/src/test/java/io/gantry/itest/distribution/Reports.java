package io.gantry.itest.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.itest.Await;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import java.time.Duration;
import java.util.List;

/** What a running distribution says of itself in JSON. */
public final class Reports {

  private static final int ANSWER_MILLIS = 20_000;

  private final Distribution distribution;

  /** Of this one. */
  public Reports(Distribution distribution) {
    this.distribution = distribution;
  }

  /**
   * One line of {@code gantry events --json}.
   *
   * @param json all of it
   */
  public record Event(JsonObject json) {

    /** A system property; empty when there is none. */
    public String system(String name) {
      return text("systemProperties", name);
    }

    /** An application property; empty when there is none. */
    public String property(String name) {
      return text("properties", name);
    }

    /** The body, which was sent as JSON. */
    public JsonObject body() {
      return JsonParser.parseString(json.get("body").getAsString()).getAsJsonObject();
    }

    private String text(String group, String name) {
      JsonElement value = json.getAsJsonObject(group).get(name);
      return value == null ? "" : value.getAsString();
    }
  }

  /** What {@code gantry events} prints. */
  public List<Event> events() {
    return command("events", "--json")
        .lines()
        .map(line -> new Event(JsonParser.parseString(line).getAsJsonObject()))
        .toList();
  }

  /** What {@code gantry status} prints. */
  public JsonObject status() {
    return JsonParser.parseString(command("status", "--json")).getAsJsonObject();
  }

  /** What {@code gantry list} prints of one module. */
  public JsonObject module(String name) {
    return find(JsonParser.parseString(command("list", "--json")).getAsJsonArray(), "name", name);
  }

  private String command(String... words) {
    Distribution.Result result = distribution.cli(words);
    assertEquals(0, result.exitCode(), () -> result.err() + "\n" + distribution.everything());
    return result.out();
  }

  /** One queue of a status. */
  public static JsonObject queue(JsonObject status, String address) {
    return find(status.getAsJsonArray("queues"), "address", address);
  }

  private static JsonObject find(JsonArray array, String key, String value) {
    for (JsonElement element : array) {
      if (element.getAsJsonObject().get(key).getAsString().equals(value)) {
        return element.getAsJsonObject();
      }
    }
    throw new AssertionError("no " + key + " '" + value + "' in " + array);
  }

  /**
   * Waits until all that was sent has arrived where it was to go. A message on its way from one
   * queue to the next is never in none, but it can be behind the one that is looked at first; there
   * are two queues, so it is not so twice.
   */
  public void awaitDrained(Duration limit) {
    Await.until(
        "empty queues", limit, () -> waiting() == 0 && waiting() == 0, distribution::everything);
  }

  /** The number of messages that wait in all queues. */
  private long waiting() {
    long waiting = 0;
    for (JsonElement queue : statusNow().getAsJsonArray("queues")) {
      waiting += queue.getAsJsonObject().get("pending").getAsLong();
    }
    return waiting;
  }

  /** As {@link #status}, without a process for each look. */
  private JsonObject statusNow() {
    try {
      Instance instance = Instance.find(distribution.folder().data());
      Instance.Answer answer = instance.get("/v1/status", "application/json", ANSWER_MILLIS);
      assertEquals(200, answer.status(), answer.body());
      return JsonParser.parseString(answer.body()).getAsJsonObject();
    } catch (CommandException e) {
      throw new AssertionError(e.getMessage() + "\n" + distribution.everything(), e);
    }
  }
}
