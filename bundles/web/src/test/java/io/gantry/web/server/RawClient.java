package io.gantry.web.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;

/** A client that writes HTTP and WebSocket itself, so that it can do what a library does not. */
final class RawClient implements AutoCloseable {

  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int FIN = 0x80;

  /** An answer with its headers, whose names are in lower case. */
  record Answer(String line, String text, Map<String, String> headers, String body) {
    int status() {
      return Integer.parseInt(line.split(" ")[1]);
    }
  }

  /** One frame of the server. */
  record Frame(int first, byte[] payload) {
    int opcode() {
      return first & 15;
    }

    int code() {
      return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
    }
  }

  final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  RawClient(SSLContext tls, int port) throws IOException {
    socket = tls.getSocketFactory().createSocket("127.0.0.1", port);
    socket.setSoTimeout(60_000);
    out = socket.getOutputStream();
    in = new DataInputStream(socket.getInputStream());
  }

  static String post(String target, String body) {
    return "POST "
        + target
        + " HTTP/1.1\r\nHost: gw\r\nx-ms-edge-moduleId: gateway/filter\r\n"
        + "Authorization: let me in\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  static String upgrade(String target, String subprotocol) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade,Keep-Alive\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Protocol: "
        + subprotocol
        + "\r\n\r\n";
  }

  void send(String text) throws IOException {
    send(text.getBytes(UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Reads an answer of HTTP. */
  Answer answer() throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      text.append((char) in.readUnsignedByte());
    }
    String[] lines = text.toString().split("\r\n");
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    byte[] body = new byte[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
    in.readFully(body);
    return new Answer(lines[0], text.toString(), headers, new String(body, UTF_8));
  }

  Answer exchange(String request) throws IOException {
    send(request);
    return answer();
  }

  /** A masked frame with this first byte. */
  static byte[] frame(int first, byte[] payload) {
    return frame(first, payload, true);
  }

  static byte[] frame(int first, byte[] payload, boolean masked) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    int flag = masked ? 0x80 : 0;
    if (payload.length < 126) {
      frame.write(flag | payload.length);
    } else if (payload.length <= 0xFFFF) {
      frame.write(flag | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(flag | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >> shift));
      }
    }
    byte[] mask = {7, 77, (byte) 177, (byte) 250};
    if (masked) {
      frame.writeBytes(mask);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.write(masked ? payload[i] ^ mask[i & 3] : payload[i]);
    }
    return frame.toByteArray();
  }

  static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  Frame frame() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    long length = second;
    if (second == 126) {
      length = in.readUnsignedShort();
    } else if (second == 127) {
      length = in.readLong();
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new Frame(first, payload);
  }

  /** Reads until the server has closed the connection, and gives what came before. */
  int awaitClosed() throws IOException {
    int count = 0;
    try {
      while (in.read() >= 0) {
        count++;
      }
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the server did not close the connection", stillOpen);
    } catch (IOException reset) {
      // A reset is a close too.
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
