package io.gantry.agent.client.method;

import com.google.gson.JsonObject;
import io.gantry.agent.client.log.LogAnswer;
import io.gantry.agent.client.log.LogForm;
import io.gantry.agent.client.log.LogItems;
import io.gantry.agent.client.log.LogWriter;
import io.gantry.agent.client.payload.Arguments;
import io.gantry.agent.client.payload.BadArgumentException;
import io.gantry.agent.client.payload.TimeArgument;
import io.gantry.agent.client.task.SupportBundle;
import io.gantry.agent.client.task.Task;
import io.gantry.agent.client.task.Tasks;
import io.gantry.agent.client.task.Uploads;
import io.gantry.agent.client.task.Uploads.Part;
import io.gantry.agent.client.upload.SasUrl;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** The methods that read logs. They may take seconds. */
final class LogMethods {

  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd--HH-mm-ss", Locale.ROOT);

  private final Surroundings surroundings;
  private final Tasks tasks;
  private final Uploads uploads;
  private final InstantSource clock;

  LogMethods(Surroundings surroundings, Tasks tasks, Uploads uploads, InstantSource clock) {
    this.surroundings = surroundings;
    this.tasks = tasks;
    this.uploads = uploads;
    this.clock = clock;
  }

  String getModuleLogs(Arguments arguments) throws BadArgumentException, IOException {
    LogForm form = LogForm.of(arguments);
    return LogAnswer.of(writer(), LogItems.of(arguments, clock.instant()).select(modules()), form);
  }

  String uploadModuleLogs(Arguments arguments) throws BadArgumentException {
    Instant now = clock.instant();
    SasUrl container = container(arguments);
    LogForm form = LogForm.of(arguments);
    SortedMap<String, LogQuery> wanted = LogItems.of(arguments, now).select(modules());
    LogWriter writer = writer();
    List<Part> parts = new ArrayList<>();
    wanted.forEach(
        (module, query) ->
            parts.add(
                new Part(
                    name(module, now, form.ending()),
                    form.mediaType(),
                    form.gzip(),
                    !form.json(),
                    out -> writer.write(module, query, form, out))));
    return start(container, parts);
  }

  String uploadSupportBundle(Arguments arguments) throws BadArgumentException {
    Instant now = clock.instant();
    SasUrl container = container(arguments);
    LogItems items =
        LogItems.within(
            TimeArgument.find(arguments, "since", now), TimeArgument.find(arguments, "until", now));
    Collection<String> modules =
        arguments.findBoolean("edgeRuntimeOnly")
            ? List.of(ModuleLogs.AGENT, ModuleLogs.HUB)
            : modules();
    SupportBundle bundle =
        new SupportBundle(surroundings.agent(), writer(), items.select(modules), now);
    return start(
        container,
        List.of(
            new Part(
                name("support-bundle", now, ".zip"),
                "application/zip",
                false,
                false,
                bundle::writeTo)));
  }

  private static SasUrl container(Arguments arguments) throws BadArgumentException {
    return SasUrl.of(arguments.place("sasUrl"), arguments.text("sasUrl"));
  }

  private LogWriter writer() {
    return new LogWriter(
        surroundings.logs(), surroundings.hub().hubName(), surroundings.hub().deviceId());
  }

  /** Those that have logged, and those that have not yet. */
  private SortedSet<String> modules() {
    SortedSet<String> modules = new TreeSet<>(surroundings.logs().modules());
    modules.add(ModuleLogs.AGENT);
    modules.add(ModuleLogs.HUB);
    surroundings.agent().modules().stream().map(ModuleReport::name).forEach(modules::add);
    return modules;
  }

  private List<String> name(String of, Instant now, String ending) {
    String time = NAME_TIME.format(now.atOffset(ZoneOffset.UTC));
    return List.of(
        surroundings.hub().hubName(), surroundings.hub().deviceId(), of + "-" + time + ending);
  }

  private String start(SasUrl container, List<Part> parts) throws BadArgumentException {
    if (tasks.isFull()) {
      throw new BadArgumentException("Too many uploads are waiting; try again when they are over");
    }
    return json(uploads.start(container, parts));
  }

  /** How callers see a task. */
  static String json(Task task) {
    JsonObject json = new JsonObject();
    json.addProperty("status", task.state().word());
    json.addProperty("message", task.message());
    json.addProperty("correlationId", task.id());
    return json.toString();
  }
}
