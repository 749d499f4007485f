package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Answers that go on until their reader goes or the gateway stops; a bounded number of them. */
final class Followers {

  private static final int AT_ONCE = 8;
  private static final byte[] NEW_LINE = {'\n'};

  private final long heartbeatMillis;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param heartbeatMillis after so long without a line an empty one is sent: only a write shows
   *     that the reader has gone
   */
  Followers(long heartbeatMillis) {
    this.heartbeatMillis = heartbeatMillis;
  }

  /** What is sent. */
  @FunctionalInterface
  interface Content {
    /** Sends it, on the thread of the call, and returns when there is no more. */
    void send(Follower follower) throws IOException, InterruptedException;
  }

  /** Answers a call. */
  void answer(Call call, String type, Content content) throws IOException, ApiException {
    if (!places.tryAcquire()) {
      throw new ApiException(503, AT_ONCE + " readers follow already; try later");
    }
    try {
      Follower follower = new Follower(call.stream(type));
      followers.add(follower);
      try {
        content.send(follower);
      } finally {
        followers.remove(follower);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while waiting for news", e);
    } finally {
      places.release();
    }
  }

  /** Ends all of them. */
  void close() {
    closed = true;
    followers.forEach(Follower::wake);
  }

  /** One reader. */
  final class Follower {

    private final OutputStream out;
    private final Semaphore news = new Semaphore(0);

    private Follower(OutputStream out) {
      this.out = out;
    }

    /** There is something to send. Any thread. */
    void wake() {
      news.release();
    }

    /** Whether it goes on. */
    boolean open() {
      return !closed;
    }

    void line(String line) throws IOException {
      out.write(line.getBytes(UTF_8));
      out.write(NEW_LINE);
    }

    /** Sends what was written and waits for news. */
    void await() throws IOException, InterruptedException {
      out.flush();
      if (news.tryAcquire(heartbeatMillis, TimeUnit.MILLISECONDS)) {
        news.drainPermits();
      } else {
        out.write(NEW_LINE);
      }
    }
  }
}
