package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Events on their way to one reader, on that reader's thread. While nothing comes an empty line is
 * sent now and then: only a write shows that the reader has gone.
 */
final class EventStream {

  private static final int BATCH = 256;
  private static final byte[] NEW_LINE = {'\n'};

  private final EventLog log;
  private final Function<EventLog.Event, String> format;
  private final OutputStream out;
  private final Semaphore news = new Semaphore(0);

  EventStream(EventLog log, Function<EventLog.Event, String> format, OutputStream out) {
    this.log = log;
    this.format = format;
    this.out = out;
  }

  /**
   * Sends what is kept in a range, and no more.
   *
   * @param limit how many at most
   */
  void copy(long from, long limit) throws IOException {
    copy(from, log.next(), limit);
    out.flush();
  }

  /** Sends what is kept and then what comes, until the limit, the reader's or the log's end. */
  void follow(long from, long limit, long heartbeatMillis, BooleanSupplier open)
      throws IOException, InterruptedException {
    AutoCloseable registration = log.onAppend(news::release);
    try {
      long next = from;
      long left = limit;
      while (left > 0 && open.getAsBoolean()) {
        news.drainPermits();
        long before = next;
        next = copy(next, Long.MAX_VALUE, left);
        left -= next - before;
        out.flush();
        if (left > 0 && !news.tryAcquire(heartbeatMillis, TimeUnit.MILLISECONDS)) {
          out.write(NEW_LINE);
          out.flush();
        }
      }
    } finally {
      close(registration);
    }
  }

  /** Lets a waiting {@link #follow} look again whether it is still open. Any thread. */
  void wake() {
    news.release();
  }

  private long copy(long from, long end, long limit) throws IOException {
    long next = from;
    long left = limit;
    while (left > 0 && next < end) {
      List<EventLog.Event> batch = log.read(next, (int) Math.min(BATCH, left));
      if (batch.isEmpty()) {
        return next;
      }
      for (EventLog.Event event : batch) {
        out.write(format.apply(event).getBytes(UTF_8));
        out.write(NEW_LINE);
        next = event.sequence() + 1;
      }
      left -= batch.size();
    }
    return next;
  }

  private static void close(AutoCloseable registration) throws IOException {
    try {
      registration.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the event log did not take its listener back", e);
    }
  }
}
