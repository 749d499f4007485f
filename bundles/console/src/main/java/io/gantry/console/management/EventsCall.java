package io.gantry.console.management;

import io.gantry.console.status.Events;
import io.gantry.console.status.Gateway;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** {@code GET /v1/events}: answers whole requests and a bounded number of followers. */
final class EventsCall {

  private static final int FOLLOWERS = 8;

  private final Gateway gateway;
  private final long heartbeatMillis;
  private final Semaphore places = new Semaphore(FOLLOWERS);
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EventsCall(Gateway gateway, long heartbeatMillis) {
    this.gateway = gateway;
    this.heartbeatMillis = heartbeatMillis;
  }

  void handle(Call call) throws IOException, ApiException {
    EventLog log =
        gateway
            .events()
            .orElseThrow(() -> new ApiException(503, "the event log is not there: see status"));
    long limit = call.number("limit").orElse(Long.MAX_VALUE);
    long from = from(call, log);
    if (!call.parameter("follow").orElse("false").equals("true")) {
      stream(call, log).copy(from, limit);
    } else if (places.tryAcquire()) {
      try {
        follow(call, log, from, limit);
      } finally {
        places.release();
      }
    } else {
      throw new ApiException(503, FOLLOWERS + " readers follow already; try later");
    }
  }

  private static long from(Call call, EventLog log) throws ApiException {
    Optional<Long> last = call.number("last");
    long oldest = last.isPresent() ? Math.max(0, log.next() - last.get()) : 0;
    return Math.max(log.first(), Math.max(oldest, call.number("from").orElse(0L)));
  }

  private static EventStream stream(Call call, EventLog log) throws IOException {
    boolean text = call.wantsText();
    Function<EventLog.Event, String> format = text ? Events::text : Events::json;
    String type = text ? "text/plain; charset=utf-8" : "application/x-ndjson";
    return new EventStream(log, format, call.stream(type));
  }

  private void follow(Call call, EventLog log, long from, long limit) throws IOException {
    EventStream stream = stream(call, log);
    streams.add(stream);
    try {
      stream.follow(
          from,
          limit,
          heartbeatMillis,
          () -> !closed && gateway.events().filter(now -> now == log).isPresent());
    } catch (InterruptedException e) {
      throw new IOException("interrupted while waiting for events", e);
    } finally {
      streams.remove(stream);
    }
  }

  /** Ends all followers. */
  void close() {
    closed = true;
    streams.forEach(EventStream::wake);
  }
}
