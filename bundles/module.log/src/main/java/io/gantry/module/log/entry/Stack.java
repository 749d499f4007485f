package io.gantry.module.log.entry;

import io.gantry.module.log.line.LogText;
import java.io.PrintWriter;
import java.io.Writer;

/** The stack trace of an exception as text, as much of it as a log line holds. */
final class Stack extends Writer {

  private final StringBuilder text = new StringBuilder();

  private Stack() {}

  /** Never throws, whatever the methods of the exception do: its classes may have left with it. */
  static String of(Throwable exception) {
    Stack stack = new Stack();
    try (PrintWriter writer = new PrintWriter(stack)) {
      exception.printStackTrace(writer);
    } catch (RuntimeException | StackOverflowError | LinkageError failure) {
      stack.text.append(exception.getClass().getName()).append(" (which cannot be told: ");
      stack.text.append(failure.getClass().getName()).append(')');
    }
    return stack.text.toString();
  }

  @Override
  public void write(char[] chars, int offset, int length) {
    int room = Math.max(0, LogText.MOST_BYTES - text.length());
    text.append(chars, offset, Math.min(length, room));
  }

  @Override
  public void flush() {
    // It is in memory.
  }

  @Override
  public void close() {
    // It is in memory.
  }
}
