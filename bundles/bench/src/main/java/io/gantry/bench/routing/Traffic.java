package io.gantry.bench.routing;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.ModuleClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Messages from one thread to one handler, either as many as there is room for or as many a second
 * as asked. Each carries the time at which it was due, so that a sender who was held up cannot hide
 * it.
 */
final class Traffic {

  private static final String OUTPUT = "out1";
  private static final int SHARE = 64;
  private static final long PAUSE_NANOS = 50_000;
  private static final int ARRIVAL_SECONDS = 30;

  private final ModuleClient sender;
  private final int bytes;
  private final int inFlight;
  private final Semaphore window;
  private final AtomicLong arrived = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final SingleWriterRecorder latencies = new SingleWriterRecorder(3);
  private volatile boolean bounded = true;
  private long sent;

  /**
   * @param bytes of a body
   * @param inFlight messages sent and not yet arrived
   */
  Traffic(ModuleClient sender, int bytes, int inFlight) {
    this.sender = sender;
    this.bytes = bytes;
    this.inFlight = inFlight;
    this.window = new Semaphore(inFlight);
  }

  /** One has arrived; one thread at a time. */
  void arrived(Message message) {
    long due = message.body().asByteBuffer().getLong();
    latencies.recordValue(Math.max(0, System.nanoTime() - due));
    long count = arrived.get() + 1;
    arrived.lazySet(count);
    if (bounded && count % SHARE == 0) {
      window.release(SHARE);
    }
  }

  /** How many have arrived so far. */
  long count() {
    return arrived.get();
  }

  /** The times from when a message was due to when it arrived, since the last call. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }

  /** As many as there is room for. */
  void flood(Duration duration) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      window.acquire(SHARE);
      for (int i = 0; i < SHARE; i++) {
        send(System.nanoTime());
      }
    }
    awaitAll();
  }

  /** So many a second, whatever becomes of them. */
  void pace(double rate, Duration duration) throws InterruptedException {
    bounded = false;
    long begin = System.nanoTime();
    double interval = 1e9 / rate;
    long total = (long) (duration.toNanos() / interval);
    long next = 0;
    while (next < total) {
      long due = (long) ((System.nanoTime() - begin) / interval);
      for (; next < Math.min(due, total); next++) {
        send(begin + (long) (next * interval));
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
    awaitAll();
    alignShares();
    bounded = true;
  }

  private void send(long due) {
    byte[] body = new byte[bytes];
    ByteBuffer.wrap(body).putLong(due);
    sender
        .send(OUTPUT, Message.of(Payload.wrap(body)))
        .whenComplete(
            (stored, problem) -> {
              if (problem != null) {
                failure.compareAndSet(null, problem);
              }
            });
    sent++;
  }

  private void awaitAll() throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(ARRIVAL_SECONDS);
    while (arrived.get() < sent) {
      if (failure.get() != null || System.nanoTime() > limit) {
        throw new IllegalStateException(
            arrived.get() + " of " + sent + " messages have arrived", failure.get());
      }
      new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
    }
  }

  /** A flood counts in shares: the next one begins with a whole window. */
  private void alignShares() throws InterruptedException {
    while (sent % SHARE != 0) {
      send(System.nanoTime());
    }
    awaitAll();
    window.drainPermits();
    window.release(inFlight);
  }
}
