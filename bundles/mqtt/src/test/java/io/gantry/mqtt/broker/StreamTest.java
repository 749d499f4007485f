package io.gantry.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.security.Credentials;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.testkit.time.Await;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MQTT over somebody else's stream, as a WebSocket. */
class StreamTest {

  private Site site;
  private FakePeer peer;
  private StreamProtocol.Receiver receiver;

  @BeforeEach
  void open() throws Exception {
    site = Site.strict();
    peer = new FakePeer();
    receiver = site.server.open(peer);
  }

  @AfterEach
  void close() {
    site.close();
  }

  private void login(String id) {
    receive(
        RawClient.packet(
            0x10,
            RawClient.text("MQTT"),
            RawClient.bytes(4, 0xC2, 0, 60),
            RawClient.text(id),
            RawClient.text(id),
            RawClient.text("let me in")));
  }

  private void receive(byte[] bytes) {
    receiver.received(ByteBuffer.wrap(bytes));
  }

  @Test
  void aClientLogsInAndSends() {
    login("d1");
    peer.awaitBytes(4);
    assertArrayEquals(new byte[] {0x20, 2, 0, 0}, peer.bytes());
    byte[] telemetry = RawClient.publish("devices/d1/messages/events/", 1, 3, false, new byte[9]);
    // Packets may be cut anywhere.
    receive(Arrays.copyOf(telemetry, 10));
    receive(Arrays.copyOfRange(telemetry, 10, telemetry.length));
    peer.awaitBytes(8);
    assertArrayEquals(new byte[] {0x40, 2, 0, 3}, Arrays.copyOfRange(peer.bytes(), 4, 8));
    assertEquals(1, site.connections());
  }

  @Test
  void itIsTheDoorForEverybodyAndNotTheOneForThisMachine() throws Exception {
    try (Site open = new Site()) {
      FakePeer stranger = new FakePeer();
      open.server.open(stranger).received(ByteBuffer.wrap(RawClient.connect("d1", true)));
      stranger.awaitBytes(4);
      assertArrayEquals(new byte[] {0x20, 2, 0, 5}, stranger.bytes());
    }
  }

  @Test
  void theCertificateOfTheStreamCounts() {
    peer.shown = site.certificates.deviceChain();
    receive(
        RawClient.packet(
            0x10, RawClient.text("MQTT"), RawClient.bytes(4, 2, 0, 60), RawClient.text("thermo1")));
    peer.awaitBytes(4);
    assertEquals(
        new Credentials.Certificate(peer.shown),
        site.authenticator.attempts().get(0).credentials());
    assertEquals("192.0.2.7", site.authenticator.attempts().get(0).from().getHostAddress());
  }

  @Test
  void nothingIsSentWhileThePeerCannotTakeIt() {
    login("d1");
    peer.awaitBytes(4);
    peer.writable(false);
    for (int i = 0; i < 10; i++) {
      receive(RawClient.bytes(0xC0, 0));
    }
    Await.until("the answers wait", () -> peer.looked > 0);
    assertEquals(4, peer.bytes().length);
    peer.writable(true);
    receiver.writable(true);
    peer.awaitBytes(24);
  }

  @Test
  void aClientThatMustWaitIsNotRead() throws Exception {
    login("d1");
    peer.awaitBytes(4);
    site.hub.hold(true);
    byte[] body = new byte[100_000];
    for (int i = 1; i <= 20; i++) {
      receive(RawClient.publish("devices/d1/messages/events/", 1, i, false, body));
    }
    Await.until("it is not read", () -> !peer.reads);
    site.hub.hold(false);
    site.hub.sent().forEach(sent -> sent.accept());
    Await.until("it is read again", () -> peer.reads);
    peer.awaitBytes(4 + 20 * 4);
  }

  @Test
  void eitherSideEndsIt() {
    login("d1");
    peer.awaitBytes(4);
    receiver.closed();
    Await.until("it has left", () -> site.connections() == 0);
    assertTrue(peer.closed);
    FakePeer other = new FakePeer();
    StreamProtocol.Receiver second = site.server.open(other);
    second.received(ByteBuffer.wrap("nonsense".getBytes(StandardCharsets.UTF_8)));
    Await.until("it is thrown out", () -> other.closed);
    second.received(ByteBuffer.allocate(10));
    second.writable(true);
    second.closed();
    assertFalse(other.reads);
  }

  private static final class FakePeer implements StreamProtocol.Peer {

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private List<X509Certificate> shown = List.of();
    private boolean writable = true;
    volatile int looked;
    volatile boolean reads;
    volatile boolean closed;

    @Override
    public InetSocketAddress address() {
      return new InetSocketAddress("192.0.2.7", 4711);
    }

    @Override
    public List<X509Certificate> certificates() {
      return shown;
    }

    @Override
    public synchronized void send(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      sent.writeBytes(copy);
    }

    synchronized byte[] bytes() {
      return sent.toByteArray();
    }

    synchronized void writable(boolean can) {
      writable = can;
      looked = 0;
    }

    @Override
    public synchronized boolean isWritable() {
      looked++;
      return writable;
    }

    @Override
    public void read(boolean on) {
      reads = on;
    }

    @Override
    public void close() {
      reads = false;
      closed = true;
    }

    void awaitBytes(int count) {
      Await.until(count + " bytes were sent", () -> bytes().length >= count);
    }
  }
}
