package io.gantry.bench.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.bench.process.Account;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.HdrHistogram.Histogram;

/**
 * One client that always has as many QoS 1 messages in flight as its window allows. It copies
 * prepared bytes. Used by one thread.
 */
final class Publisher implements AutoCloseable {

  private final SocketChannel channel;
  private final SelectionKey key;
  // Packet ids run from 1; those on the stack are free.
  private final int[] free;
  private final long[] sentNanos;
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer out;
  private final byte[] packet;
  private final int idOffset;
  private final int batch;
  private int freeCount;
  private long acknowledged;

  Publisher(Selector selector, int port, Account account, Workload workload) throws IOException {
    String topic = workload.topic(account.clientId());
    int window = workload.window();
    this.packet = Packets.publish(topic, body(workload.payload()));
    this.idOffset = packet.length - workload.payload() - 2;
    this.out = ByteBuffer.allocateDirect(window * packet.length).limit(0);
    this.batch = Math.max(1, window / 4);
    this.sentNanos = new long[window + 1];
    this.free = new int[window];
    for (int id = 1; id <= window; id++) {
      free[freeCount++] = id;
    }
    channel = Packets.login(port, account);
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** JSON that the sample filter lets pass. */
  private static byte[] body(int length) {
    String begin = "{\"machine\":{\"temperature\":31.5},\"text\":\"";
    String end = "\"}";
    return (begin + "a".repeat(length - begin.length() - end.length()) + end).getBytes(UTF_8);
  }

  /** Reads acknowledgements, and sends one message for each. */
  void turn(Histogram latency) throws IOException {
    if (key.isReadable()) {
      read(latency);
    }
    send();
  }

  /**
   * Fills the window again when a quarter of it is free. One message for each acknowledgement would
   * mean a wake-up of both sides for each, which takes a third of Mosquitto's rate.
   */
  void send() throws IOException {
    if (!out.hasRemaining() && freeCount >= batch) {
      out.clear();
      long now = System.nanoTime();
      while (freeCount > 0) {
        int id = free[--freeCount];
        int start = out.position();
        out.put(packet).putShort(start + idOffset, (short) id);
        sentNanos[id] = now;
      }
      out.flip();
    }
    if (out.hasRemaining()) {
      channel.write(out);
    }
    key.interestOps(
        out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private void read(Histogram latency) throws IOException {
    if (channel.read(in) < 0) {
      throw new EOFException("the broker closed a connection");
    }
    long now = System.nanoTime();
    in.flip();
    while (in.remaining() >= 4) {
      int type = in.get() & 0xff;
      int length = in.get();
      int id = in.getShort() & 0xffff;
      if (type != Packets.PUBACK
          || length != 2
          || id == 0
          || id >= sentNanos.length
          || sentNanos[id] == 0) {
        throw new IOException(
            "expected the PUBACK of a message in flight, found type " + type + " with id " + id);
      }
      latency.recordValue(now - sentNanos[id]);
      sentNanos[id] = 0;
      free[freeCount++] = id;
      acknowledged++;
    }
    in.compact();
  }

  /** How many messages were acknowledged so far. */
  long acknowledged() {
    return acknowledged;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
