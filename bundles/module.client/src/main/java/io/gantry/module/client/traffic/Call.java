package io.gantry.module.client.traffic;

import org.jspecify.annotations.Nullable;

/**
 * One call of a module, from its beginning until it is answered. What is there for each call anyway
 * extends this, so that watching it costs no object more.
 */
public class Call {

  private final String detail;
  private volatile long since;
  private volatile @Nullable Thread thread;
  private volatile boolean reported;
  private int place = Calls.NOWHERE;

  /** Of whatever the handler is for. */
  public Call() {
    this("");
  }

  /**
   * @param detail what is called of the handler; for the operator
   */
  public Call(String detail) {
    this.detail = detail;
  }

  final void begins(long look) {
    since = look;
    thread = Thread.currentThread();
  }

  /**
   * The handler has come back, and answers later by what it has returned. Called by the thread on
   * which it began.
   */
  public final void promised() {
    thread = null;
  }

  /** How many looks there were before it began. */
  final long since() {
    return since;
  }

  /** In which the handler is; null when it has only promised an answer. */
  final @Nullable Thread thread() {
    return thread;
  }

  final int place() {
    return place;
  }

  final void placed(int where) {
    place = where;
  }

  /** It was told that it hangs. */
  final void reported() {
    reported = true;
  }

  final boolean isReported() {
    return reported;
  }

  final String detail() {
    return detail;
  }
}
