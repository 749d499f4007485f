package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.itest.distribution.Identities;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;

/** A client that writes the bytes of MQTT itself, so that it can do what a library does not. */
public final class RawClient implements AutoCloseable {

  private static final int LIMIT_MILLIS = 20_000;
  private static final int CONNACK = 2;
  private static final int PUBACK = 4;
  private static final int SUBACK = 9;

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  /** One packet: its first byte and what follows the length. */
  public record Packet(int first, byte[] rest) {

    /** Its type, as MQTT numbers it. */
    public int type() {
      return first >> 4;
    }

    private int number(int at) {
      return (rest[at] & 0xFF) << 8 | rest[at + 1] & 0xFF;
    }

    /** The packet id of a PUBLISH of QoS 1 or 2. */
    public int publishId() {
      return number(2 + number(0));
    }

    /** The body of a PUBLISH of QoS 1 or 2. */
    public String body() {
      int start = 2 + number(0) + 2;
      return new String(rest, start, rest.length - start, UTF_8);
    }
  }

  private RawClient(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    socket.setReceiveBufferSize(receiveBuffer);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress("127.0.0.1", port), LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    out = socket.getOutputStream();
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** A connection on which nothing was said yet. */
  public static RawClient open(int port) throws IOException {
    return new RawClient(port, 64 * 1024);
  }

  /** Logs in with a clean session and without keep-alive. */
  public RawClient login(String clientId) throws IOException {
    return login(connect(clientId));
  }

  /** A CONNECT with a clean session and without keep-alive. */
  public static byte[] connect(String clientId) {
    return packet(
        0x10,
        text("MQTT"),
        bytes(4, 0xC2, 0, 0),
        text(clientId),
        text(clientId),
        text(Identities.token(clientId)));
  }

  /** The same with a will of QoS 1. */
  public RawClient login(String clientId, String willTopic, String will) throws IOException {
    return login(
        packet(
            0x10,
            text("MQTT"),
            bytes(4, 0xC0 | 2 | 4 | 8, 0, 0),
            text(clientId),
            text(willTopic),
            text(will),
            text(clientId),
            text(Identities.token(clientId))));
  }

  private RawClient login(byte[] connect) throws IOException {
    send(connect);
    Packet answer = expect(CONNACK);
    if (answer.rest()[1] != 0) {
      throw new IOException("not let in: " + answer.rest()[1]);
    }
    return this;
  }

  /** Subscribes with QoS 1. */
  public void subscribe(String filter) throws IOException {
    send(packet(0x82, bytes(0, 1), text(filter), bytes(1)));
    expect(SUBACK);
  }

  /** Publishes with QoS 1 and waits for the acknowledgement. */
  public void publish(String topic, String body) throws IOException {
    send(publish(topic, 1, body.getBytes(UTF_8)));
    expect(PUBACK);
  }

  /** Leaves in order. */
  public void disconnect() throws IOException {
    send(bytes(0xE0, 0));
    awaitClosed();
  }

  /** A PUBLISH of QoS 1. */
  public static byte[] publish(String topic, int id, byte[] body) {
    return packet(0x32, text(topic), bytes(id >> 8, id), body);
  }

  /** A PUBACK. */
  public static byte[] acknowledgement(int id) {
    return packet(0x40, bytes(id >> 8, id));
  }

  /** These bytes. */
  public static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** A text as MQTT has it: its length before it. */
  public static byte[] text(String text) {
    byte[] content = text.getBytes(UTF_8);
    return join(bytes(content.length >> 8, content.length), content);
  }

  /** A packet of these parts, with its length. */
  public static byte[] packet(int first, byte[]... parts) {
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

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Writes bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Reads one packet. */
  public Packet read() throws IOException {
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

  /** Reads one packet of this type. */
  public Packet expect(int type) throws IOException {
    Packet packet = read();
    if (packet.type() != type) {
      throw new IOException("expected packet type " + type + ", found " + packet.type());
    }
    return packet;
  }

  /** Waits until the server has closed the connection; a timeout is an error. */
  public void awaitClosed() throws IOException {
    try {
      while (true) {
        read();
      }
    } catch (EOFException | SocketException closed) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
