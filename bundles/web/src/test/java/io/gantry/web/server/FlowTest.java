package io.gantry.web.server;

import static io.gantry.web.server.RawClient.FIN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.session.StreamProtocol;
import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whoever does not take what is sent slows its sender down, and fills nobody's memory. */
@ExtendWith(Leaks.class)
class FlowTest {

  private static final int PIECE = 50_000;
  private static final int MUCH = 32 << 20;

  /** What the sockets of the system may hold, generously, besides what we do. */
  private static final int SYSTEM = 16 << 20;

  private final Site site = new Site();

  @AfterEach
  void close() {
    site.close();
  }

  private RawClient opened() throws IOException {
    RawClient client = site.raw();
    assertEquals(101, client.exchange(RawClient.upgrade("/", "mqtt")).status());
    return client;
  }

  /** Eight bytes that tell where they stand in the stream. */
  private static void number(byte[] bytes, long from) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (long at = from; buffer.remaining() >= 8; at += 8) {
      buffer.putLong(at);
    }
  }

  private static byte[] piece(long from) {
    byte[] bytes = new byte[PIECE];
    number(bytes, from);
    return bytes;
  }

  @Test
  void aProtocolThatDoesNotReadHoldsTheClientUpAndThenGetsAllInOrder() throws Exception {
    site.mqtt.readsAtOnce = false;
    site.mqtt.echoes = false;
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      AtomicLong sent = new AtomicLong();
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (long at = 0; at < MUCH; at += PIECE) {
                    client.send(RawClient.frame(FIN | RawClient.BINARY, piece(at)));
                    sent.set(at + PIECE);
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      awaitStandstill(sent::get);
      assertFalse(sending.isDone(), "nobody holds up the client");
      assertTrue(sent.get() < SYSTEM, "taken without being read: " + sent.get());
      assertEquals(0, stream.size());

      stream.peer.read(true);
      Await.until("some came", () -> stream.size() > 0);
      stream.peer.read(false);
      awaitStandstill(stream::size);
      int before = stream.size();
      assertTrue(before < MUCH, "reading was switched off in time");

      stream.peer.read(true);
      sending.get();
      long all = (MUCH + PIECE - 1L) / PIECE * PIECE;
      Await.until("all came", () -> stream.size() == all);
      byte[] expected = new byte[(int) all];
      for (int at = 0; at < all; at += PIECE) {
        System.arraycopy(piece(at), 0, expected, at, PIECE);
      }
      assertArrayEquals(expected, stream.received());
    }
    site.mqtt.stream().awaitClosed();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A count that has stopped: the same for a hundred looks. */
  private static void awaitStandstill(LongSupplier count) {
    long[] last = {-1, 0};
    Await.until(
        "it stands still",
        () -> {
          long now = count.getAsLong();
          last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] > 100;
        });
  }

  /** Reading that is switched off by the receiver itself is off before the next piece. */
  @Test
  void nothingIsReceivedAfterReadingWasSwitchedOff() throws Exception {
    List<Integer> sizes = new ArrayList<>();
    CompletableFuture<StreamProtocol.Peer> opened = new CompletableFuture<>();
    site.server.add(
        new StreamProtocol() {
          @Override
          public String subprotocol() {
            return "one";
          }

          @Override
          public Receiver open(Peer peer) {
            peer.read(true);
            opened.complete(peer);
            return new Receiver() {
              @Override
              public void received(ByteBuffer bytes) {
                peer.read(false);
                synchronized (sizes) {
                  sizes.add(bytes.remaining());
                }
              }

              @Override
              public void writable(boolean writable) {}

              @Override
              public void closed() {}
            };
          }
        });
    try (RawClient client = site.raw()) {
      assertEquals(101, client.exchange(RawClient.upgrade("/", "one")).status());
      java.io.ByteArrayOutputStream frames = new java.io.ByteArrayOutputStream();
      for (int i = 1; i <= 50; i++) {
        frames.writeBytes(RawClient.frame(FIN | RawClient.BINARY, new byte[i]));
      }
      client.send(frames.toByteArray());
      for (int i = 1; i <= 50; i++) {
        int count = i;
        Await.until("the next came", () -> count(sizes) >= count);
        assertEquals(count, count(sizes));
        opened.get().read(true);
      }
    }
    synchronized (sizes) {
      for (int i = 0; i < 50; i++) {
        assertEquals(i + 1, sizes.get(i));
      }
    }
  }

  private static int count(List<Integer> sizes) {
    synchronized (sizes) {
      return sizes.size();
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsTheProtocolUpAndThenGetsAllInOrder() throws Exception {
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      long sent = 0;
      int idle = 0;
      while (idle < 500) {
        if (stream.peer.isWritable()) {
          stream.peer.send(ByteBuffer.wrap(piece(sent)));
          sent += PIECE;
          idle = 0;
        } else {
          idle++;
          java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        assertTrue(sent < SYSTEM, "more was taken than can be waiting to go out");
      }
      Await.until("it is told", () -> stream.writable().contains(false));

      long received = 0;
      while (received < sent) {
        RawClient.Frame frame = client.frame();
        assertArrayEquals(piece(received), frame.payload());
        received += PIECE;
      }
      Await.until("it is told again", () -> lastWritable(stream).equals("true"));
      assertTrue(stream.peer.isWritable());
    }
    site.mqtt.stream().awaitClosed();
  }

  private static String lastWritable(EchoProtocol.Told stream) {
    List<Boolean> told = stream.writable();
    return told.isEmpty() ? "nothing" : "" + told.get(told.size() - 1);
  }

  @Test
  void manyThreadsMaySendAtATimeAndTheOrderOfEachIsKept() throws Exception {
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      int threads = 4;
      int each = 5_000;
      List<CompletableFuture<Void>> senders = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        senders.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < each; i++) {
                    stream.peer.send(ByteBuffer.allocate(8).putInt(thread).putInt(i).flip());
                  }
                }));
      }
      int[] next = new int[threads];
      for (int i = 0; i < threads * each; i++) {
        ByteBuffer frame = ByteBuffer.wrap(client.frame().payload());
        int thread = frame.getInt();
        assertEquals(next[thread]++, frame.getInt());
      }
      for (CompletableFuture<Void> sender : senders) {
        sender.get();
      }
    }
    site.mqtt.stream().awaitClosed();
  }

  /** Questions cost a client little; the answers must not pile up. */
  @Test
  void pingsOfAClientThatReadsNothingFillNoMemory() throws Exception {
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      while (stream.peer.isWritable()) {
        stream.peer.send(ByteBuffer.wrap(new byte[PIECE]));
      }
      long waiting = site.server.bytesWaiting();
      byte[] ping = RawClient.frame(FIN | RawClient.PING, new byte[125]);
      java.io.ByteArrayOutputStream pings = new java.io.ByteArrayOutputStream();
      for (int i = 0; i < 1000; i++) {
        pings.writeBytes(ping);
      }
      for (int i = 0; i < 50; i++) {
        client.send(pings.toByteArray());
      }
      client.send(RawClient.frame(FIN | RawClient.BINARY, new byte[] {1}));
      Await.until("all were read", () -> stream.size() == 1);
      assertTrue(
          site.server.bytesWaiting() < waiting + 1_000_000,
          "waiting to go out: " + site.server.bytesWaiting());
    }
    site.mqtt.stream().awaitClosed();
  }
}
