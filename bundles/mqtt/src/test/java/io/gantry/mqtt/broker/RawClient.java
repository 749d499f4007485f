package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** A client that writes the bytes of MQTT itself, so that it can do what a library does not. */
final class RawClient implements AutoCloseable {

  /** One packet: its first byte and what follows the length. */
  record Packet(int first, byte[] rest) {

    int type() {
      return first >> 4;
    }

    int id(int at) {
      return (rest[at] & 0xFF) << 8 | rest[at + 1] & 0xFF;
    }

    /** The packet id of a QoS 1 PUBLISH. */
    int publishId() {
      return id(2 + id(0));
    }

    String topic() {
      return new String(rest, 2, id(0), UTF_8);
    }

    boolean isDup() {
      return (first & 8) != 0;
    }
  }

  static final int CONNACK = 2;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int PUBREC = 5;
  static final int PUBCOMP = 7;
  static final int SUBACK = 9;
  static final int UNSUBACK = 11;
  static final int PINGRESP = 13;

  final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  RawClient(int port) throws IOException {
    this(port, 0);
  }

  RawClient(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", port), 5000);
    socket.setSoTimeout(60_000);
    out = socket.getOutputStream();
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
  }

  RawClient login(String clientId, boolean clean) throws IOException {
    send(connect(clientId, clean));
    Packet answer = expect(CONNACK);
    if (answer.rest()[1] != 0) {
      throw new IOException("refused with " + answer.rest()[1]);
    }
    return this;
  }

  static byte[] connect(String clientId, boolean clean) {
    return packet(0x10, text("MQTT"), bytes(4, clean ? 2 : 0, 0, 60), text(clientId));
  }

  /** What a client shows to the authenticator of the tests. */
  static byte[] connectWithPassword(String clientId, boolean clean) {
    return packet(
        0x10,
        text("MQTT"),
        bytes(4, 0xC0 | (clean ? 2 : 0), 0, 60),
        text(clientId),
        text(clientId),
        text("let me in"));
  }

  static byte[] publish(String topic, int qos, int id, boolean dup, byte[] body) {
    byte[] packetId = qos == 0 ? new byte[0] : bytes(id >> 8, id);
    return packet(0x30 | qos << 1 | (dup ? 8 : 0), text(topic), packetId, body);
  }

  static byte[] subscribe(int id, String filter, int qos) {
    return packet(0x82, bytes(id >> 8, id), text(filter), bytes(qos));
  }

  static byte[] ack(int first, int id) {
    return packet(first, bytes(id >> 8, id));
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] text(String text) {
    byte[] content = text.getBytes(UTF_8);
    return join(bytes(content.length >> 8, content.length), content);
  }

  static byte[] packet(int first, byte[]... parts) {
    byte[] rest = join(parts);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(first);
    int length = rest.length;
    do {
      packet.write(length % 128 | (length >= 128 ? 128 : 0));
      length /= 128;
    } while (length > 0);
    packet.writeBytes(rest);
    return packet.toByteArray();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  void send(byte[]... packets) throws IOException {
    out.write(join(packets));
    out.flush();
  }

  /** Reads one packet; an exception is the end of the connection, not that nothing comes. */
  Packet read() throws IOException {
    try {
      return next();
    } catch (java.net.SocketTimeoutException stillOpen) {
      throw new AssertionError("nothing came, and the connection is open", stillOpen);
    }
  }

  private Packet next() throws IOException {
    int first = in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int next;
    do {
      next = in.readUnsignedByte();
      length |= (next & 127) << shift;
      shift += 7;
    } while (next > 127);
    byte[] rest = new byte[length];
    in.readFully(rest);
    return new Packet(first, rest);
  }

  Packet expect(int type) throws IOException {
    Packet packet = read();
    if (packet.type() != type) {
      throw new AssertionError("expected packet type " + type + ", found " + packet.type());
    }
    return packet;
  }

  /** Reads until the server has closed the connection. */
  void awaitClosed() throws IOException {
    try {
      while (in.read() >= 0) {
        continue;
      }
    } catch (java.net.SocketTimeoutException stillOpen) {
      throw new AssertionError("the server did not close the connection", stillOpen);
    } catch (IOException reset) {
      // A reset is a close too.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
