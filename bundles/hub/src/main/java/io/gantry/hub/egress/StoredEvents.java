package io.gantry.hub.egress;

import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What goes to {@code $upstream} of a gateway without an upstream: a bounded log on disk. */
public final class StoredEvents implements EventLog {

  private final RetainedLog log;

  public StoredEvents(RetainedLog log) {
    this.log = log;
  }

  CompletionStage<Delivery> add(RoutedMessage message) {
    return log.append(MessageCodec.encode(message))
        .handle(
            (offset, failure) ->
                failure == null
                    ? Delivery.Accepted.INSTANCE
                    : new Delivery.Retry(
                        "the event log cannot be written: " + failure.getMessage()));
  }

  @Override
  public List<Event> read(long from, int max) throws IOException {
    List<Event> events = new ArrayList<>();
    for (RetainedLog.Entry entry : log.read(from, max)) {
      RoutedMessage routed = MessageCodec.decode(entry.record());
      events.add(new Event(entry.offset(), routed.enqueuedTime(), routed.message()));
    }
    return events;
  }

  @Override
  public long first() {
    return log.first();
  }

  @Override
  public long next() {
    return log.next();
  }

  @Override
  public AutoCloseable onAppend(Runnable listener) {
    return log.onAppend(listener);
  }
}
