package io.gantry.web.stream;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes wait to go out, from the moment they are handed over on any thread, and whether
 * that is little. Netty counts only what its event loop has seen: a fast thread could hand over any
 * amount before that. Whoever has seen "no" is told of the "yes" that follows.
 */
final class Outflow {

  static final long HIGH = 256 * 1024;
  static final long LOW = 64 * 1024;

  private final AtomicLong waiting = new AtomicLong();
  private final AtomicBoolean little = new AtomicBoolean(true);
  private boolean told = true;

  /**
   * More waits. Any thread.
   *
   * @return whether {@link #settle} must be called on the event loop
   */
  boolean added(int bytes) {
    return waiting.addAndGet(bytes) > HIGH && little.compareAndSet(true, false);
  }

  /** Less waits. On the event loop; {@link #settle} must follow. */
  void done(int bytes) {
    waiting.addAndGet(-bytes);
  }

  /** Any thread. */
  boolean isLittle() {
    return little.get();
  }

  /**
   * Whether there is something to tell, which then is {@link #told}; to be repeated until there is
   * not. On the event loop.
   */
  boolean settle() {
    if (told) {
      told = little.get();
      return !told;
    }
    if (waiting.get() < LOW) {
      little.set(true);
      told = true;
      return true;
    }
    return false;
  }

  /** What the other side knows. On the event loop. */
  boolean told() {
    return told;
  }
}
