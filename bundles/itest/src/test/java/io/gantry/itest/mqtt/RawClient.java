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

  /** A flag of CONNECT: the session ends with the connection. */
  public static final int CLEAN = 2;

  /** A flag of CONNECT: there is a will. */
  public static final int WILL = 4;

  /** A flag of CONNECT: the QoS of the will. */
  public static final int WILL_QOS_1 = 8;

  /** A flag of CONNECT: the will is retained. */
  public static final int WILL_RETAINED = 0x20;

  private static final int PASSWORD = 0x40;
  private static final int USER = 0x80;
  private static final int LIMIT_MILLIS = 60_000;
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

    /** The number of two bytes at a place. */
    public int number(int at) {
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
  public RawClient login(String id) throws IOException {
    return login(connect(id, CLEAN, 0));
  }

  /** The same with a will of QoS 1. */
  public RawClient login(String id, String willTopic, String will) throws IOException {
    return login(connect(id, CLEAN | WILL | WILL_QOS_1, 0, willTopic, will));
  }

  /** Logs in by this CONNECT. */
  public RawClient login(byte[] connect) throws IOException {
    int code = attempt(connect);
    if (code != 0) {
      throw new IOException("not let in: " + code);
    }
    return this;
  }

  /** Tries to log in by this CONNECT; answers the return code. */
  public int attempt(byte[] connect) throws IOException {
    send(connect);
    return expect(CONNACK).rest()[1];
  }

  /**
   * A CONNECT with user name and password.
   *
   * @param flags of session and will
   * @param will its topic and its message, if any
   */
  public static byte[] connect(String id, int flags, int keepAlive, String... will) {
    byte[][] texts = new byte[will.length][];
    for (int i = 0; i < will.length; i++) {
      texts[i] = text(will[i]);
    }
    return packet(
        0x10,
        text("MQTT"),
        bytes(4, USER | PASSWORD | flags, keepAlive >> 8, keepAlive),
        text(id),
        join(texts),
        text(id),
        text(Identities.token(id)));
  }

  /** A CONNECT with a clean session and without keep-alive. */
  public static byte[] connect(String id) {
    return connect(id, CLEAN, 0);
  }

  /** The same of a client that shows nothing. */
  public static byte[] connectWithout(String id) {
    return packet(0x10, text("MQTT"), bytes(4, CLEAN, 0, 0), text(id));
  }

  /** Subscribes with QoS 1. */
  public void subscribe(String filter) throws IOException {
    subscribe(filter, 1);
  }

  /** Subscribes. */
  public void subscribe(String filter, int qos) throws IOException {
    send(packet(0x82, bytes(0, 1), text(filter), bytes(qos)));
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
