package io.gantry.console.management;

import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The log of a module {@code filter} in memory. */
final class FakeLogs implements ModuleLogs {

  private final List<LogLine> lines = new ArrayList<>();
  private final List<Consumer<LogLine>> followers = new CopyOnWriteArrayList<>();
  volatile LogQuery asked = LogQuery.ALL;

  void add(LogLine line) {
    lines.add(line);
    followers.forEach(follower -> follower.accept(line));
  }

  int followers() {
    return followers.size();
  }

  @Override
  public SortedSet<String> modules() {
    return new TreeSet<>(List.of(AGENT, "filter"));
  }

  @Override
  public void read(String module, LogQuery query, Consumer<LogLine> to) {
    asked = query;
    if (module.equals("filter")) {
      lines.stream().filter(line -> query.level().test(line.level())).forEach(to);
    }
  }

  @Override
  public AutoCloseable follow(String module, LogQuery query, Consumer<LogLine> to) {
    read(module, query, to);
    followers.add(to);
    return () -> followers.remove(to);
  }
}
