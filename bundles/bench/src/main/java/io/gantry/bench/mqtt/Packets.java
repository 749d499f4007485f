package io.gantry.bench.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.bench.process.Account;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Just enough of MQTT 3.1.1 for a load: at 200,000 messages a second a client library would take
 * more of the two cores than the broker that is measured.
 */
final class Packets {

  static final int CONNACK = 0x20;
  static final int PUBACK = 0x40;
  static final int PUBLISH_QOS_1 = 0x32;
  static final int SUBACK = 0x90;
  private static final int SUBSCRIBE = 0x82;
  private static final int KEEP_ALIVE_SECONDS = 240;
  private static final int USER_PASSWORD_CLEAN = 0xc2;
  private static final int LARGEST = 4096;

  private Packets() {}

  /** A login with a clean session. */
  static byte[] connect(Account account) {
    ByteBuffer body = ByteBuffer.allocate(LARGEST);
    text(body, "MQTT");
    body.put((byte) 4).put((byte) USER_PASSWORD_CLEAN).putShort((short) KEEP_ALIVE_SECONDS);
    text(body, account.clientId());
    text(body, account.userName());
    text(body, account.password());
    return packet(0x10, body.flip());
  }

  /** A subscription with QoS 1 and packet id 1. */
  static byte[] subscribe(List<String> filters) {
    ByteBuffer body = ByteBuffer.allocate(LARGEST).putShort((short) 1);
    for (String filter : filters) {
      text(body, filter);
      body.put((byte) 1);
    }
    return packet(SUBSCRIBE, body.flip());
  }

  /** A message with QoS 1 whose packet id, before the payload, is still 0. */
  static byte[] publish(String topic, byte[] payload) {
    ByteBuffer body = ByteBuffer.allocate(topic.length() + payload.length + 4);
    text(body, topic);
    body.putShort((short) 0).put(payload);
    return packet(PUBLISH_QOS_1, body.flip());
  }

  private static void text(ByteBuffer body, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    body.putShort((short) bytes.length).put(bytes);
  }

  /** The remaining length in two bytes, which is enough up to 16,383 and understood below 128. */
  private static byte[] packet(int type, ByteBuffer body) {
    int length = body.remaining();
    ByteBuffer packet = ByteBuffer.allocate(3 + length);
    packet.put((byte) type);
    packet.put((byte) (length & 0x7f | 0x80)).put((byte) (length >> 7));
    return packet.put(body).array();
  }

  /** A connection that is logged in; it blocks. */
  static SocketChannel login(int port, Account account) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    ByteBuffer answer = ask(channel, connect(account), 4);
    if ((answer.get(0) & 0xff) != CONNACK || answer.get(3) != 0) {
      throw new IOException(
          "expected a CONNACK with code 0, found type "
              + (answer.get(0) & 0xff)
              + " with code "
              + answer.get(3));
    }
    return channel;
  }

  /** Subscribes to one filter, on a connection that blocks. */
  static void subscribe(SocketChannel channel, String filter) throws IOException {
    ByteBuffer answer = ask(channel, subscribe(List.of(filter)), 5);
    if ((answer.get(0) & 0xff) != SUBACK || answer.get(4) != 1) {
      throw new IOException(
          "expected a SUBACK with QoS 1, found type "
              + (answer.get(0) & 0xff)
              + " with "
              + (answer.get(4) & 0xff));
    }
  }

  private static ByteBuffer ask(SocketChannel channel, byte[] packet, int length)
      throws IOException {
    ByteBuffer question = ByteBuffer.wrap(packet);
    while (question.hasRemaining()) {
      channel.write(question);
    }
    ByteBuffer answer = ByteBuffer.allocate(length);
    while (answer.hasRemaining()) {
      if (channel.read(answer) < 0) {
        throw new EOFException("the broker closed the connection instead of an answer");
      }
    }
    return answer;
  }
}
