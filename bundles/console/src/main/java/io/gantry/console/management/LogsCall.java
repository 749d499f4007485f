package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.console.status.Gateway;
import io.gantry.console.status.LogLines;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** {@code GET /v1/logs}: what a module has logged, and what it goes on to log. */
final class LogsCall {

  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug");

  private final Gateway gateway;
  private final Supplier<Instant> now;
  private final Followers followers;

  LogsCall(Gateway gateway, Supplier<Instant> now, Followers followers) {
    this.gateway = gateway;
    this.now = now;
    this.followers = followers;
  }

  /**
   * The lines of {@code module}, of {@code level} and more severe, {@code since} and {@code until}
   * moments, the last {@code tail} of them; with {@code follow=true} those that come, too. Times
   * are shown in {@code zone}.
   */
  void handle(Call call) throws IOException, ApiException {
    ModuleLogs logs =
        gateway
            .logs()
            .orElseThrow(() -> new ApiException(503, "module logs are not there: see status"));
    String module = module(call, logs);
    LogQuery query = query(call);
    ZoneId zone = Moments.zone(call);
    boolean text = call.wantsText();
    Function<LogLine, String> format = text ? line -> LogLines.text(line, zone) : LogLines::json;
    String type = text ? "text/plain; charset=utf-8" : "application/x-ndjson";
    if (call.parameter("follow").orElse("false").equals("true")) {
      if (query.until().isPresent()) {
        throw new ApiException(400, "until: not together with follow");
      }
      Function<Long, String> leftOut = text ? LogLines::leftOutText : LogLines::leftOutJson;
      followers.answer(
          call,
          type,
          one -> new LogStream(one, format, leftOut).follow(logs, module, query, this::there));
    } else {
      copy(logs, module, query, format, call.stream(type));
    }
  }

  private boolean there(ModuleLogs logs) {
    return gateway.logs().filter(now -> now == logs).isPresent();
  }

  private static void copy(
      ModuleLogs logs,
      String module,
      LogQuery query,
      Function<LogLine, String> format,
      OutputStream out)
      throws IOException {
    try {
      logs.read(
          module,
          query,
          line -> {
            try {
              out.write((format.apply(line) + "\n").getBytes(UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    out.flush();
  }

  /** One that has a log, or could have one; the dollar sign of {@code $edgeAgent} may stand. */
  private String module(Call call, ModuleLogs logs) throws ApiException {
    String given = call.required("module");
    String name = given.startsWith("$") ? given.substring(1) : given;
    boolean known =
        logs.modules().contains(name)
            || gateway.deployments().map(Deployments::modules).orElse(List.of()).stream()
                .anyMatch(module -> module.name().equals(name));
    if (!known) {
      throw new ApiException(
          404,
          "there is no log of '"
              + given
              + "'; there are those of "
              + String.join(", ", logs.modules()));
    }
    return name;
  }

  private LogQuery query(Call call) throws ApiException {
    Moments moments = new Moments(call, now.get());
    Optional<Long> tail = call.number("tail");
    if (tail.isPresent() && tail.get() < 1) {
      throw new ApiException(400, "tail: expected 1 or more, found " + tail.get());
    }
    LogLines.Level level = level(call);
    return new LogQuery(
        moments.read("since"),
        moments.read("until"),
        (int) Math.min(tail.orElse((long) Integer.MAX_VALUE), Integer.MAX_VALUE),
        level::includes,
        text -> true);
  }

  private static LogLines.Level level(Call call) throws ApiException {
    String text = call.parameter("level").orElse("debug");
    if (!LEVELS.contains(text)) {
      throw new ApiException(
          400, "level: expected " + String.join(" or ", LEVELS) + ", found '" + text + "'");
    }
    return LogLines.Level.valueOf(text.toUpperCase(Locale.ROOT));
  }
}
