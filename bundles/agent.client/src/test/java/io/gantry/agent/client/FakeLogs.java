package io.gantry.agent.client;

import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Logs in memory. */
public final class FakeLogs implements ModuleLogs {

  private final Map<String, List<LogLine>> logs = new TreeMap<>();

  public void add(String module, Instant time, int level, String text) {
    logs.computeIfAbsent(module, name -> new ArrayList<>()).add(new LogLine(time, level, text));
  }

  @Override
  public SortedSet<String> modules() {
    return new TreeSet<>(logs.keySet());
  }

  @Override
  public void read(String module, LogQuery query, Consumer<LogLine> lines) throws IOException {
    List<LogLine> wanted =
        logs.getOrDefault(module, List.of()).stream()
            .filter(line -> query.since().map(since -> !line.time().isBefore(since)).orElse(true))
            .filter(line -> query.until().map(until -> line.time().isBefore(until)).orElse(true))
            .filter(line -> query.level().test(line.level()))
            .filter(line -> query.text().test(line.text()))
            .toList();
    wanted.subList(Math.max(0, wanted.size() - query.tail()), wanted.size()).forEach(lines);
  }

  @Override
  public AutoCloseable follow(String module, LogQuery query, Consumer<LogLine> lines) {
    throw new UnsupportedOperationException();
  }
}
