package io.gantry.itest.flow.mixed;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Reports;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import java.util.HashMap;
import java.util.Map;

/**
 * What reached {@code $upstream}: directly, or by way of the filter. It is read bit by bit, each
 * event once; the numbers of events have no gap, not even over a kill.
 */
public final class Upstream {

  private static final int ANSWER_MILLIS = 20_000;

  private final Distribution distribution;
  private final String filter;
  private final Arrivals direct;
  private final Arrivals filtered;
  private long next;

  /**
   * @param filter the module whose messages came by way of it
   */
  public Upstream(Distribution distribution, String filter, Arrivals direct, Arrivals filtered) {
    this.distribution = distribution;
    this.filter = filter;
    this.direct = direct;
    this.filtered = filtered;
  }

  /** Reads what is new; the distribution has to be ready. */
  public void read() {
    try {
      Instance.Answer answer =
          Instance.find(distribution.folder().data())
              .get("/v1/events?from=" + next, "application/json", ANSWER_MILLIS);
      if (answer.status() != 200) {
        throw new AssertionError(answer.body() + "\n" + distribution.everything());
      }
      answer
          .body()
          .lines()
          .forEach(line -> take(new Reports.Event(JsonParser.parseString(line).getAsJsonObject())));
    } catch (CommandException e) {
      throw new AssertionError(e.getMessage() + "\n" + distribution.everything(), e);
    }
  }

  private void take(Reports.Event event) {
    long number = event.json().get("sequence").getAsLong();
    if (number != next) {
      direct.problem("after event " + (next - 1) + " came event " + number);
    }
    next = number + 1;
    boolean isFiltered = event.system("connectionModuleId").equals(filter);
    (isFiltered ? filtered : direct)
        .add(
            event.system("connectionDeviceId"),
            properties(event.json().getAsJsonObject("properties")),
            event.json().get("body").getAsString());
  }

  private static Map<String, String> properties(JsonObject json) {
    Map<String, String> properties = new HashMap<>();
    for (Map.Entry<String, JsonElement> property : json.entrySet()) {
      properties.put(property.getKey(), property.getValue().getAsString());
    }
    return properties;
  }
}
