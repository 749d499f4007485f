package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import io.gantry.spi.module.RepositoryRegistry.Report;
import java.time.ZoneId;
import java.util.List;

/** Repositories of modules, for people and programs. */
public final class RepositoryFacts {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();
  private static final String NONE = "-";

  private RepositoryFacts() {}

  /** One line each, in the order of preference. */
  public static String text(List<Report> reports, ZoneId zone) {
    if (reports.isEmpty()) {
      return "there is no repository: gantry repository add ADDRESS\n";
    }
    TextTable table = new TextTable("ADDRESS", "BUNDLES", "READ", "SIGNED", "BY", "PROBLEM");
    for (Report report : reports) {
      table.row(
          PlainText.escaped(report.entry().address()),
          report.bundles().isPresent() ? Integer.toString(report.bundles().getAsInt()) : NONE,
          report.readAt().map(time -> Times.seconds(time, zone)).orElse("never"),
          report.entry().signed() ? "demanded" : "no",
          report.entry().configured() ? "configuration" : "command",
          report.problem().map(PlainText::escaped).orElse(NONE));
    }
    return table.render(0);
  }

  /** What was added, and how it was found. */
  public static String added(Report report) {
    String found =
        report
            .problem()
            .map(problem -> "it is kept, but cannot be read now: " + problem)
            .orElseGet(() -> count(report.bundles().orElse(0), "bundle"));
    String signed = report.entry().signed() ? ", only signed ones are taken" : "";
    return PlainText.escaped("added " + report.entry().address() + ": " + found + signed) + "\n";
  }

  /** What was deleted from the cache. */
  public static String text(Collected collected) {
    return "deleted "
        + count(collected.deleted(), "jar")
        + " ("
        + Sizes.text(collected.freedBytes())
        + "); "
        + count(collected.kept(), "jar")
        + " needed ("
        + Sizes.text(collected.keptBytes())
        + ")\n";
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** All of them. */
  public static String json(List<Report> reports) {
    JsonArray array = new JsonArray();
    reports.forEach(report -> array.add(object(report)));
    return rendered(array);
  }

  /** One of them. */
  public static String json(Report report) {
    return rendered(object(report));
  }

  /** What was deleted from the cache. */
  public static String json(Collected collected) {
    JsonObject json = new JsonObject();
    json.addProperty("deleted", collected.deleted());
    json.addProperty("freedBytes", collected.freedBytes());
    json.addProperty("kept", collected.kept());
    json.addProperty("keptBytes", collected.keptBytes());
    return rendered(json);
  }

  private static JsonObject object(Report report) {
    JsonObject json = new JsonObject();
    json.addProperty("address", report.entry().address());
    json.addProperty("signed", report.entry().signed());
    json.addProperty("configured", report.entry().configured());
    json.addProperty("bundles", report.bundles().isPresent() ? report.bundles().getAsInt() : null);
    json.addProperty("readAt", report.readAt().map(Object::toString).orElse(null));
    json.addProperty("problem", report.problem().orElse(null));
    return json;
  }

  private static String rendered(JsonElement json) {
    return GSON.toJson(json) + "\n";
  }
}
