package io.gantry.web.server;

import static io.gantry.web.server.RawClient.FIN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.time.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of protocols in WebSockets. */
@ExtendWith(Leaks.class)
class WebSocketTest {

  private static final String PATH = "/$iothub/websocket";

  private final Site site = new Site();

  @AfterEach
  void close() {
    site.close();
    for (EchoProtocol.Told stream : site.mqtt.streams) {
      assertEquals(1, stream.closedCount(), "told of the end of the stream exactly once");
      assertFalse(stream.wasToldLate());
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Keeps what it gets. */
  private static final class Inbox implements WebSocket.Listener {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile int closeCode;

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      synchronized (this) {
        received.writeBytes(bytes);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closeCode = code;
      return null;
    }

    synchronized byte[] received() {
      return received.toByteArray();
    }

    synchronized int size() {
      return received.size();
    }
  }

  private RawClient opened() throws IOException {
    RawClient client = site.raw();
    assertEquals(101, client.exchange(RawClient.upgrade(PATH, "mqtt")).status());
    return client;
  }

  @Test
  void bytesGoBothWaysInOrder() throws Exception {
    Inbox inbox = new Inbox();
    WebSocket socket = site.webSocket(site.certificates.clientContext(), inbox).get();
    assertEquals("mqtt", socket.getSubprotocol());
    byte[] sent = random(3_000_000);
    for (int at = 0; at < sent.length; at += 100_000) {
      boolean last = at / 100_000 % 3 == 2;
      socket.sendBinary(ByteBuffer.wrap(sent, at, 100_000), last).get();
    }
    Await.until("all came back", () -> inbox.size() == sent.length);
    assertArrayEquals(sent, inbox.received());
    assertArrayEquals(sent, site.mqtt.stream().received());
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get();
    site.mqtt.stream().awaitClosed();
    Await.until("the close is answered", () -> inbox.closeCode == WebSocket.NORMAL_CLOSURE);
    Await.until("nobody is left", () -> site.server.connections() == 0);
    Await.until("no limit is left", () -> site.time.waiting() == 0);
  }

  /** As the Java SDK asks for over AMQP, which looks at the text of the answer. */
  @Test
  void theAnswerIsWhatTheJavaSdkLooksFor() throws Exception {
    site.server.add(new EchoProtocol("AMQPWSB10"));
    try (RawClient client = site.raw()) {
      String target = "https://gw.example.org" + PATH + "?iothub-no-client-cert=true";
      RawClient.Answer answer = client.exchange(RawClient.upgrade(target, "AMQPWSB10"));
      assertEquals("HTTP/1.1 101 Switching Protocols", answer.line());
      assertTrue(answer.text().contains("\r\nUpgrade: websocket\r\n"), answer.text());
      assertTrue(answer.text().contains("\r\nConnection: Upgrade\r\n"), answer.text());
      assertTrue(
          answer.text().contains("\r\nSec-WebSocket-Protocol: AMQPWSB10\r\n"), answer.text());
      // The example of RFC 6455.
      assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer.headers().get("sec-websocket-accept"));
      assertNull(answer.headers().get("content-length"));
    }
  }

  @Test
  void compressionIsDeclined() throws Exception {
    try (RawClient client = site.raw()) {
      String request =
          RawClient.upgrade(PATH, "mqtt")
              .replace("Host:", "Sec-WebSocket-Extensions: permessage-deflate\r\nHost:");
      RawClient.Answer answer = client.exchange(request);
      assertEquals(101, answer.status());
      assertNull(answer.headers().get("sec-websocket-extensions"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/,          mqtt,              101, mqtt",
    "/any/path,  MQTT,              101, MQTT",
    "/%zz,       'chat, mqtt',      101, mqtt",
    "/,          'AMQPWSB10, mqtt', 101, mqtt",
    "/,          AMQPWSB10,         503,",
    "/,          chat,              400,",
    "/,          '',                400,",
  })
  void theSubprotocolAloneDecides(String path, String offered, int status, String chosen)
      throws Exception {
    try (RawClient client = site.raw()) {
      RawClient.Answer answer = client.exchange(RawClient.upgrade(path, offered));
      assertEquals(status, answer.status());
      assertEquals(chosen, answer.headers().get("sec-websocket-protocol"));
    }
  }

  /** The place for AMQP: it is found as soon as somebody speaks it. */
  @Test
  void protocolsComeAndGo() throws Exception {
    EchoProtocol amqp = new EchoProtocol("AMQPWSB10");
    site.server.add(amqp);
    try (RawClient client = site.raw();
        RawClient other = opened()) {
      assertEquals(101, client.exchange(RawClient.upgrade(PATH, "AMQPWSB10")).status());
      client.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("AMQP")));
      assertArrayEquals(RawClient.bytes("AMQP"), client.frame().payload());

      site.server.remove(amqp);
      RawClient.Frame close = client.frame();
      assertEquals(RawClient.CLOSE, close.opcode());
      assertEquals(1001, close.code());
      client.send(RawClient.frame(FIN | RawClient.CLOSE, new byte[] {3, (byte) 233}));
      assertEquals(0, client.awaitClosed());
      amqp.stream().awaitClosed();

      other.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("still here")));
      assertArrayEquals(RawClient.bytes("still here"), other.frame().payload());
    }
    try (RawClient client = site.raw()) {
      assertEquals(503, client.exchange(RawClient.upgrade(PATH, "AMQPWSB10")).status());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
    "dGhlIHNhbXBsZSBub25jZQ==,  c2hvcnQ=,                 400",
    "dGhlIHNhbXBsZSBub25jZQ==,  ???,                      400",
    "GET,                       POST,                     400",
    "HTTP/1.1,                  HTTP/1.0,                 400",
    "'Connection: Upgrade,Keep-Alive', Connection: close, 400",
  })
  void aHandshakeThatBreaksARuleIsRefused(String part, String instead, int status)
      throws Exception {
    try (RawClient client = site.raw()) {
      String request = RawClient.upgrade(PATH, "mqtt").replace(part, instead);
      assertEquals(status, client.exchange(request).status());
    }
    assertEquals(List.of(), site.mqtt.streams);
  }

  @Test
  void aRefusedHandshakeLeavesTheConnectionForAnother() throws Exception {
    try (RawClient client = site.raw()) {
      assertEquals(400, client.exchange(RawClient.upgrade(PATH, "chat")).status());
      assertEquals(101, client.exchange(RawClient.upgrade(PATH, "mqtt")).status());
    }
    site.mqtt.stream().awaitClosed();
  }

  /** What comes behind the answer in the same packet, the Java SDK throws away. */
  @Test
  void nothingIsSentBeforeTheClientHasSpoken() throws Exception {
    try (RawClient client = opened()) {
      site.mqtt.stream();
      client.send(RawClient.frame(FIN | RawClient.PING, RawClient.bytes("first")));
      assertEquals(RawClient.PONG, client.frame().opcode());
    }
    site.mqtt.stream().awaitClosed();
  }

  /** Not allowed, but nothing of it may be lost or taken for HTTP. */
  @Test
  void framesInThePacketOfTheHandshakeAreRead() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.bytes(RawClient.upgrade(PATH, "mqtt")));
    all.writeBytes(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("early")));
    try (RawClient client = site.raw()) {
      client.send(all.toByteArray());
      assertEquals(101, client.answer().status());
      assertArrayEquals(RawClient.bytes("early"), client.frame().payload());
    }
    site.mqtt.stream().awaitClosed();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPingIsAnsweredBetweenFragmentsToo(boolean empty) throws Exception {
    byte[] question = empty ? new byte[0] : RawClient.bytes("alive?");
    try (RawClient client = opened()) {
      client.send(RawClient.frame(RawClient.BINARY, RawClient.bytes("a")));
      client.send(RawClient.frame(FIN | RawClient.PING, question));
      client.send(RawClient.frame(FIN, RawClient.bytes("b")));
      StringBuilder echo = new StringBuilder();
      boolean answered = false;
      while (echo.length() < 2 || !answered) {
        RawClient.Frame frame = client.frame();
        if (frame.opcode() == RawClient.PONG) {
          assertArrayEquals(question, frame.payload());
          answered = true;
        } else {
          echo.append(new String(frame.payload(), "UTF-8"));
        }
      }
      assertEquals("ab", echo.toString());
    }
    site.mqtt.stream().awaitClosed();
  }

  @ParameterizedTest
  @CsvSource({"0x81, true, 3, 1003", "0x82, false, 3, 1002", "0x82, true, 1048577, 1009"})
  void whoBreaksARuleIsToldAndClosed(String first, boolean masked, int size, int code)
      throws Exception {
    try (RawClient client = opened()) {
      client.send(
          Arrays.copyOf(RawClient.frame(Integer.decode(first), new byte[size], masked), 30));
      RawClient.Frame close = client.frame();
      assertEquals(RawClient.CLOSE, close.opcode());
      assertEquals(code, close.code());
      site.time.advance(Duration.ofSeconds(5));
      client.awaitClosed();
    }
    site.mqtt.stream().awaitClosed();
    assertEquals(0, site.mqtt.stream().size());
  }

  @Test
  void theCloseOfTheClientIsEchoed() throws Exception {
    try (RawClient client = opened()) {
      client.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("last")));
      client.send(RawClient.frame(FIN | RawClient.CLOSE, new byte[] {3, (byte) 233, 'x'}));
      assertArrayEquals(RawClient.bytes("last"), client.frame().payload());
      RawClient.Frame close = client.frame();
      assertEquals(RawClient.CLOSE, close.opcode());
      assertEquals(1001, close.code());
      assertEquals(0, client.awaitClosed());
    }
    site.mqtt.stream().awaitClosed();
  }

  /** A refusal must reach the client before the end does. */
  @Test
  void whatWasSentBeforeTheCloseOfOursGoesOutFirst() throws Exception {
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      byte[] big = random(2_000_000);
      stream.peer.send(ByteBuffer.wrap(big.clone()));
      stream.peer.close();
      stream.peer.send(ByteBuffer.wrap(RawClient.bytes("too late")));
      stream.peer.close();
      assertArrayEquals(big, client.frame().payload());
      RawClient.Frame close = client.frame();
      assertEquals(RawClient.CLOSE, close.opcode());
      assertEquals(1000, close.code());
      client.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("for nobody")));
      client.send(RawClient.frame(FIN | RawClient.CLOSE, close.payload()));
      assertEquals(0, client.awaitClosed());
      stream.awaitClosed();
      assertEquals(0, stream.size());
    }
  }

  @Test
  void aClientThatDoesNotAnswerOurCloseIsClosedInTime() throws Exception {
    try (RawClient client = opened()) {
      site.mqtt.stream().peer.close();
      assertEquals(RawClient.CLOSE, client.frame().opcode());
      Await.until("a limit holds", () -> site.time.waiting() == 1);
      site.time.advance(Duration.ofSeconds(5));
      assertEquals(0, client.awaitClosed());
    }
    site.mqtt.stream().awaitClosed();
  }

  @Test
  void anEmptySendIsNoFrame() throws Exception {
    try (RawClient client = opened()) {
      site.mqtt.stream().peer.send(ByteBuffer.allocate(0));
      site.mqtt.stream().peer.send(ByteBuffer.wrap(RawClient.bytes("x")));
      assertArrayEquals(RawClient.bytes("x"), client.frame().payload());
    }
    site.mqtt.stream().awaitClosed();
  }

  @Test
  void aStreamHasNoLimitOfTime() throws Exception {
    try (RawClient client = opened()) {
      site.mqtt.stream();
      assertEquals(0, site.time.waiting());
      site.time.advance(Duration.ofDays(1));
      client.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("x")));
      assertArrayEquals(RawClient.bytes("x"), client.frame().payload());
    }
    site.mqtt.stream().awaitClosed();
  }

  @Test
  void theCertificateOfTheClientIsShownToTheProtocol() throws Exception {
    site.webSocket(site.certificates.deviceContext(), new Inbox()).get();
    EchoProtocol.Told stream = site.mqtt.stream();
    assertEquals(site.certificates.deviceChain(), stream.peer.certificates());
    assertEquals("127.0.0.1", stream.peer.address().getAddress().getHostAddress());
  }

  @Test
  void aClientWithoutACertificateShowsNone() throws Exception {
    site.webSocket(site.certificates.clientContext(), new Inbox()).get();
    assertEquals(List.of(), site.mqtt.stream().peer.certificates());
  }

  @Test
  void aClientThatBreaksOffIsNoticed() throws Exception {
    try (RawClient client = opened()) {
      site.mqtt.stream();
      client.socket.setSoLinger(true, 0);
    }
    site.mqtt.stream().awaitClosed();
    site.mqtt.stream().peer.send(ByteBuffer.wrap(random(100)));
    site.mqtt.stream().peer.read(true);
    site.mqtt.stream().peer.close();
    Await.until("nobody is left", () -> site.server.connections() == 0);
  }

  @Test
  void closingTheServerEndsTheStreams() throws Exception {
    try (RawClient client = opened()) {
      EchoProtocol.Told stream = site.mqtt.stream();
      site.close();
      assertEquals(1, stream.closedCount());
      assertEquals(1001, client.frame().code());
      assertEquals(0, client.awaitClosed());
      stream.peer.send(ByteBuffer.wrap(random(100)));
      stream.peer.read(true);
      stream.peer.close();
    }
  }

  @Test
  void aReceiverThatFailsEndsItsStreamOnly() throws Exception {
    site.server.add(
        new io.gantry.spi.session.StreamProtocol() {
          @Override
          public String subprotocol() {
            return "bad";
          }

          @Override
          public Receiver open(Peer peer) {
            throw new IllegalStateException("expected by the test");
          }
        });
    try (RawClient client = site.raw();
        RawClient other = opened()) {
      assertEquals(101, client.exchange(RawClient.upgrade(PATH, "bad")).status());
      assertEquals(1011, client.frame().code());
      other.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("x")));
      assertArrayEquals(RawClient.bytes("x"), other.frame().payload());
    }
    site.mqtt.stream().awaitClosed();
  }

  @Test
  void nothingIsReadUntilTheProtocolWantsIt() throws Exception {
    site.mqtt.readsAtOnce = false;
    try (RawClient client = opened()) {
      client.send(RawClient.frame(FIN | RawClient.BINARY, RawClient.bytes("x")));
      try (RawClient other = site.raw()) {
        assertEquals(404, other.exchange(RawClient.post("/", "")).status());
      }
      assertEquals(0, site.mqtt.stream().size());
      site.mqtt.stream().peer.read(true);
      assertArrayEquals(RawClient.bytes("x"), client.frame().payload());
    }
    site.mqtt.stream().awaitClosed();
  }

  @Test
  void aLongLineOfStreamsLeavesNothingBehind() throws Exception {
    for (int i = 0; i < 30; i++) {
      Inbox inbox = new Inbox();
      WebSocket socket = site.webSocket(site.certificates.clientContext(), inbox).get();
      socket.sendBinary(ByteBuffer.wrap(random(1000)), true).get();
      Await.until("it came back", () -> inbox.size() == 1000);
      if (i % 2 == 0) {
        socket.abort();
      } else {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(60, TimeUnit.SECONDS);
      }
    }
    Await.until("nobody is left", () -> site.server.connections() == 0);
    Await.until("no limit is left", () -> site.time.waiting() == 0);
  }
}
