package io.gantry.module.log;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.entry.LogEntries;
import io.gantry.module.log.print.Printing;
import io.gantry.module.log.ring.Rings;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.log.LogReaderService;

/** Keeps what modules log, from the log service on, and what they print. */
@Component(
    configurationPid = "io.gantry.module.log",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = ModuleLogs.class,
    immediate = true)
public final class ModuleLogComponent implements ModuleLogs {

  /** What an operator may set. */
  @interface Config {
    /** A module's log is in a folder of its name in here. */
    String directory();

    /** Bound of one module's log; the oldest lines go first. */
    long bytesPerModule() default 1L << 20;

    /** Bound of all logs; the module that has not logged for longest loses lines first. */
    long bytes() default 64L << 20;
  }

  /** A few of the longest lines must find room. */
  private static final long LEAST_BYTES = 128 * 1024;

  private final Book book;
  private final LogEntries entries;
  private final Printing printing;

  @Activate
  public ModuleLogComponent(
      Config config,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock)
      throws IOException {
    long ofOne = atLeast(LEAST_BYTES, "bytesPerModule", config.bytesPerModule());
    long ofAll = atLeast(ofOne, "bytes", config.bytes());
    Rings rings = new Rings(Path.of(config.directory()), ofAll, ofOne);
    Instant newest = rings.newest();
    book = new Book(rings, threads, scheduler);
    entries = new LogEntries(book, newest);
    printing = new Printing(book, clock);
  }

  private static long atLeast(long least, String name, long found) {
    if (found < least) {
      throw new IllegalArgumentException(
          name + ": expected at least " + least + " bytes, found " + found);
    }
    return found;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindReader(LogReaderService reader) {
    entries.listenTo(reader);
  }

  void unbindReader(LogReaderService reader) {
    reader.removeLogListener(entries);
  }

  @Deactivate
  void deactivate() {
    printing.close();
    book.close();
  }

  @Override
  public SortedSet<String> modules() {
    return book.modules();
  }

  @Override
  public void read(String module, LogQuery query, Consumer<LogLine> lines) throws IOException {
    book.read(module, query, lines);
  }

  @Override
  public AutoCloseable follow(String module, LogQuery query, Consumer<LogLine> lines)
      throws IOException {
    return book.follow(module, query, lines);
  }
}
