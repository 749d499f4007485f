package io.gantry.console.status;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.upstream.EventLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An event log in memory, whose oldest entries a test may forget. */
public final class FakeEventLog implements EventLog {

  private final List<Event> events = new ArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private long first;

  /** Adds an event of a device. */
  public void add(String device, Message message) {
    synchronized (this) {
      events.add(
          new Event(
              events.size(),
              Instant.parse("2026-03-01T08:00:00Z"),
              message.withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, device)));
    }
    listeners.forEach(Runnable::run);
  }

  /** Forgets everything before. */
  public synchronized void forgetBefore(long sequence) {
    first = sequence;
  }

  /** How many listen. */
  public int listeners() {
    return listeners.size();
  }

  @Override
  public synchronized List<Event> read(long from, int max) {
    int start = (int) Math.max(from, first);
    return start >= events.size()
        ? List.of()
        : List.copyOf(events.subList(start, Math.min(events.size(), start + max)));
  }

  @Override
  public synchronized long first() {
    return first;
  }

  @Override
  public synchronized long next() {
    return events.size();
  }

  @Override
  public AutoCloseable onAppend(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
