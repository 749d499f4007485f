package io.gantry.module.log.book;

import io.gantry.module.log.follow.Follower;
import io.gantry.module.log.intake.Intake;
import io.gantry.module.log.intake.Source;
import io.gantry.module.log.line.Wanted;
import io.gantry.module.log.ring.RingView;
import io.gantry.module.log.ring.Rings;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All logs. One serial executor takes what was logged, writes it in batches and publishes what is
 * in the files now; readers look at what is published, and wait for nobody.
 *
 * <p>Each line of a log has a number. Whoever follows is registered first and then looks at what is
 * published: what is in there has a number up to the published one and is read, what comes later
 * has a higher one and is told. So no line is left out and none comes twice.
 */
public final class Book implements ModuleLogs, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Book.class);

  /** So many lines are written at a time. */
  private static final int BATCH = 1024;

  /** What is in the files of a log; nothing of what it holds has a higher number. */
  private record Published(RingView view, long number) {}

  private final Threads threads;
  private final Scheduler scheduler;
  private final SerialExecutor executor;
  private final Intake intake;
  private final Map<String, Published> published = new ConcurrentHashMap<>();
  private final Map<String, List<Follower>> followers = new ConcurrentHashMap<>();

  // Owned by the executor, once it has a task.
  private final Rings rings;
  private final Map<String, Page> pages = new HashMap<>();
  private boolean failing;

  /** The end of a log. */
  private static final class Page {
    final Repeats repeats = new Repeats();
    long number;
    long lost;
    boolean timed;
    Instant latest = Instant.EPOCH;
  }

  /**
   * @param rings becomes ours
   */
  public Book(Rings rings, Threads threads, Scheduler scheduler) {
    this.rings = rings;
    this.threads = threads;
    this.scheduler = scheduler;
    this.executor = threads.serial("module logs");
    this.intake = new Intake(() -> executor.offer(this::write));
    for (String log : rings.logs()) {
      published.put(log, new Published(rings.view(log), 0));
    }
  }

  /** Who logs into this log. */
  public Source source(String log) {
    return intake.source(log);
  }

  /** A line was logged. Any thread; neither waits nor throws. */
  public void add(Source source, LogLine line) {
    intake.add(source, line);
  }

  private void write() {
    Map<String, List<LogLine>> batch = new LinkedHashMap<>();
    intake.drain(
        BATCH,
        (log, line) ->
            batch.computeIfAbsent(log, name -> new ArrayList<>()).addAll(repeats(log, line)));
    batch.forEach(this::write);
    makeRoom();
  }

  private Page page(String log) {
    return pages.computeIfAbsent(log, name -> new Page());
  }

  private List<LogLine> repeats(String log, LogLine line) {
    Page page = page(log);
    List<LogLine> lines = page.repeats.take(line);
    if (page.repeats.waiting() && !page.timed) {
      page.timed = true;
      scheduler.schedule(Repeats.WINDOW, () -> executor.offer(() -> endRepeats(log, page)));
    }
    return lines;
  }

  private void endRepeats(String log, Page page) {
    page.timed = false;
    page.repeats
        .end()
        .ifPresent(
            line -> {
              write(log, List.of(line));
              makeRoom();
            });
  }

  private void write(String log, List<LogLine> lines) {
    Page page = page(log);
    long overflown = intake.takeLost(log);
    List<Weighed> all = new ArrayList<>(lines.size() + 2);
    Instant time = lines.isEmpty() ? page.latest : lines.get(0).time();
    addMissing(all, page.lost, time);
    for (LogLine line : lines) {
      all.add(new Weighed(line, 1));
      time = line.time();
    }
    addMissing(all, overflown, time);
    if (all.isEmpty()) {
      return;
    }
    page.latest = time;
    List<LogLine> texts = all.stream().map(Weighed::line).toList();
    Rings.Outcome outcome = rings.write(log, texts);
    page.lost = all.subList(outcome.written(), all.size()).stream().mapToLong(Weighed::lines).sum();
    failing(log, outcome.failed());
    publish(log, page, texts);
  }

  /** A line to be written, and how many are missing when it is not. */
  private record Weighed(LogLine line, long lines) {}

  private static void addMissing(List<Weighed> all, long count, Instant time) {
    if (count > 0) {
      String text = count == 1 ? "1 line is" : count + " lines are";
      text = "gantry: " + text + " missing here, there was no room to write them";
      all.add(new Weighed(new LogLine(time, 4, text), count));
    }
  }

  private void failing(String log, boolean fails) {
    if (fails && !failing) {
      LOG.warn("The log of {} cannot be written; what is missing will be counted in it", log);
    } else if (!fails && failing) {
      LOG.info("Logs of modules can be written again");
    }
    failing = fails;
  }

  private void publish(String log, Page page, List<LogLine> lines) {
    long first = page.number + 1;
    page.number += lines.size();
    published.put(log, new Published(rings.view(log), page.number));
    for (Follower follower : followers.getOrDefault(log, List.of())) {
      for (int i = 0; i < lines.size(); i++) {
        follower.offer(first + i, lines.get(i));
      }
    }
  }

  private void makeRoom() {
    for (String log : rings.makeRoom()) {
      if (rings.logs().contains(log)) {
        published.put(log, new Published(rings.view(log), page(log).number));
      } else {
        published.remove(log);
      }
    }
  }

  @Override
  public SortedSet<String> modules() {
    return new TreeSet<>(published.keySet());
  }

  @Override
  public void read(String module, LogQuery query, Consumer<LogLine> lines) throws IOException {
    read(Optional.ofNullable(published.get(module)), query, lines);
  }

  private static void read(Optional<Published> log, LogQuery query, Consumer<LogLine> lines)
      throws IOException {
    if (log.isEmpty()) {
      return;
    }
    RingView view = log.get().view();
    if (query.tail() == Integer.MAX_VALUE) {
      view.read(query.since(), line -> give(query, line, lines));
      return;
    }
    Deque<LogLine> tail = new ArrayDeque<>();
    view.read(
        query.since(),
        line -> {
          give(query, line, tail::add);
          if (tail.size() > query.tail()) {
            tail.remove();
          }
        });
    tail.forEach(lines);
  }

  private static void give(LogQuery query, LogLine line, Consumer<LogLine> lines) {
    if (Wanted.is(query, line)) {
      lines.accept(line);
    }
  }

  @Override
  public AutoCloseable follow(String module, LogQuery query, Consumer<LogLine> lines)
      throws IOException {
    List<Follower> ofModule =
        followers.computeIfAbsent(module, name -> new CopyOnWriteArrayList<>());
    Follower[] itself = new Follower[1];
    Follower follower =
        new Follower(
            threads.serial("reader of the log of " + module),
            query,
            lines,
            () -> ofModule.remove(itself[0]));
    itself[0] = follower;
    ofModule.add(follower);
    try {
      Optional<Published> log = Optional.ofNullable(published.get(module));
      read(log, query, lines);
      follower.begin(log.map(Published::number).orElse(0L));
      return follower::close;
    } catch (IOException | RuntimeException failed) {
      follower.close();
      throw failed;
    }
  }

  /** Writes what was logged before, and ends whoever follows. */
  @Override
  public void close() {
    executor.offer(
        () -> {
          while (intake.hasLines()) {
            write();
          }
          pages.forEach(this::endRepeats);
          rings.close();
        });
    executor.close();
    followers.values().forEach(ofModule -> ofModule.forEach(Follower::close));
  }
}
