package io.gantry.module.host.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read by one thread as it comes. Waiting for the next byte has a limit, the
 * whole has none. At most two parts wait to be read, so that a quick server and a slow disk need no
 * memory.
 */
final class Body extends InputStream implements BodySubscriber<InputStream> {

  private sealed interface Event {}

  private record Part(List<ByteBuffer> buffers) implements Event {}

  private record End(@Nullable Throwable failure) implements Event {}

  private final Duration stallLimit;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final AtomicLong received = new AtomicLong();
  private @Nullable End end;

  Body(Duration stallLimit) {
    this.stallLimit = stallLimit;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    given.request(1);
    subscription.complete(given);
  }

  @Override
  public void onNext(List<ByteBuffer> part) {
    received.addAndGet(part.stream().mapToLong(ByteBuffer::remaining).sum());
    events.add(new Part(part));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new End(failure));
  }

  @Override
  public void onComplete() {
    events.add(new End(null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (buffers.isEmpty()) {
      if (end == null) {
        take();
      } else if (end.failure() instanceof FetchException known) {
        throw known;
      } else if (end.failure() != null) {
        throw FetchException.temporary("broke off: " + end.failure().getMessage(), end.failure());
      } else {
        return -1;
      }
    }
    ByteBuffer buffer = buffers.peek();
    int count = Math.min(length, buffer.remaining());
    buffer.get(target, offset, count);
    if (!buffer.hasRemaining()) {
      buffers.remove();
    }
    return count;
  }

  private void take() throws FetchException {
    Event event;
    try {
      event = events.poll(stallLimit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FetchException.temporary("was interrupted", e);
    }
    if (event == null) {
      close();
      throw FetchException.temporary(
          "stalled: nothing came for " + Http.seconds(stallLimit) + ", and it was given up", null);
    }
    if (event instanceof End last) {
      end = last;
    } else if (event instanceof Part part) {
      part.buffers().stream().filter(ByteBuffer::hasRemaining).forEach(buffers::add);
      subscription.thenAccept(s -> s.request(1));
    }
  }

  /** How many bytes have come. Any thread. */
  long received() {
    return received.get();
  }

  /** Whether all that came is being worked on, and more is wanted. Any thread. */
  boolean isAwaited() {
    return events.isEmpty();
  }

  /** Ends the transfer; whoever reads gets what came so far and then a failure. Any thread. */
  @Override
  public void close() {
    giveUp(new IOException("closed"));
  }

  /** Ends the transfer with this failure. Any thread. */
  void giveUp(IOException failure) {
    subscription.thenAccept(Flow.Subscription::cancel);
    events.add(new End(failure));
  }
}
