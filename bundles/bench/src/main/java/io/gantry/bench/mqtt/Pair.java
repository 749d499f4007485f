package io.gantry.bench.mqtt;

import io.gantry.bench.process.Account;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.HdrHistogram.Histogram;

/**
 * A publisher and its subscriber on a topic of their own, with QoS 1 on both ways. A message is in
 * flight until its publisher has the acknowledgement and its subscriber the message. Each carries a
 * number and the time it is measured from; a gap in the numbers ends the run. Used by one thread.
 */
final class Pair implements AutoCloseable {

  private static final int PACKET_IDS = 60_000;
  private static final int SMALLEST = 16;
  private static final int BUFFER = 256 * 1024;

  private final SocketChannel sender;
  private final SocketChannel receiver;
  private final SelectionKey senderKey;
  private final SelectionKey receiverKey;
  private final ByteBuffer acknowledgements = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer messages = ByteBuffer.allocateDirect(BUFFER);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER).limit(0);
  private final ByteBuffer answers = ByteBuffer.allocateDirect(BUFFER).limit(0);
  private final Queue<Long> due = new ArrayDeque<>();
  private final byte[] packet;
  private final int body;
  private final int window;
  private long sent;
  private long acknowledged;
  private long arrived;

  /**
   * @param window most messages in flight
   */
  Pair(Selector selector, int port, Account from, Account to, String topic, int payload, int window)
      throws IOException {
    this.window = window;
    packet = Packets.publish(topic, new byte[Math.max(SMALLEST, payload)]);
    body = packet.length - Math.max(SMALLEST, payload);
    receiver = Packets.login(port, to);
    Packets.subscribe(receiver, topic);
    sender = Packets.login(port, from);
    sender.configureBlocking(false);
    receiver.configureBlocking(false);
    senderKey = sender.register(selector, SelectionKey.OP_READ, this);
    receiverKey = receiver.register(selector, SelectionKey.OP_READ, this);
  }

  /** Reads and writes what can be. */
  void turn(Histogram latency) throws IOException {
    readAcknowledgements();
    readMessages(latency);
    flush();
  }

  private void readAcknowledgements() throws IOException {
    if (sender.read(acknowledgements) < 0) {
      throw new EOFException("the broker closed the connection of a publisher");
    }
    acknowledgements.flip();
    while (acknowledgements.remaining() >= 4) {
      int type = acknowledgements.get() & 0xff;
      acknowledgements.get();
      int id = acknowledgements.getShort() & 0xffff;
      if (type != Packets.PUBACK || id != packetId(acknowledged)) {
        throw new IOException(
            "expected PUBACK " + packetId(acknowledged) + ", found type " + type + ", id " + id);
      }
      acknowledged++;
    }
    acknowledgements.compact();
  }

  private void readMessages(Histogram latency) throws IOException {
    if (receiver.read(messages) < 0) {
      throw new EOFException("the broker closed the connection of a subscriber");
    }
    long now = System.nanoTime();
    messages.flip();
    answers.compact();
    while (messages.remaining() >= packet.length && answers.remaining() >= 4) {
      int start = messages.position();
      if ((messages.get(start) & 0xf6) != Packets.PUBLISH_QOS_1
          || messages.getLong(start + body) != arrived) {
        throw new IOException("expected message " + arrived + ", found another or none");
      }
      latency.recordValue(Math.max(0, now - messages.getLong(start + body + 8)));
      answers
          .put((byte) Packets.PUBACK)
          .put((byte) 2)
          .putShort(messages.getShort(start + body - 2));
      messages.position(start + packet.length);
      arrived++;
    }
    answers.flip();
    messages.compact();
  }

  private static int packetId(long number) {
    return (int) (number % PACKET_IDS) + 1;
  }

  /** Fills the window again when a quarter of it is free. */
  void fill(long now) {
    if (window - inFlight() >= Math.max(1, window / 4)) {
      while (inFlight() < window && put(now)) {
        continue;
      }
    }
  }

  private long inFlight() {
    return sent - Math.min(acknowledged, arrived);
  }

  /** A message is due; it is sent as soon as the broker takes it. */
  void send(long dueNanos) {
    if (!due.isEmpty() || !put(dueNanos)) {
      due.add(dueNanos);
    }
  }

  private boolean put(long time) {
    out.compact();
    boolean fits = out.remaining() >= packet.length && sent - acknowledged < PACKET_IDS;
    if (fits) {
      int start = out.position();
      out.put(packet).putShort(start + body - 2, (short) packetId(sent));
      out.putLong(start + body, sent).putLong(start + body + 8, time);
      sent++;
    }
    out.flip();
    return fits;
  }

  void flush() throws IOException {
    while (!due.isEmpty() && put(due.element())) {
      due.remove();
    }
    write(sender, senderKey, out);
    write(receiver, receiverKey, answers);
  }

  private static void write(SocketChannel channel, SelectionKey key, ByteBuffer bytes)
      throws IOException {
    if (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    int wanted =
        bytes.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  /** How many messages have arrived. */
  long arrived() {
    return arrived;
  }

  /** Whether nothing is on its way. */
  boolean isQuiet() {
    return due.isEmpty() && inFlight() == 0;
  }

  @Override
  public void close() throws IOException {
    sender.close();
    receiver.close();
  }
}
