package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.testkit.time.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Damaged packets by the hundred thousand, of clients that are in and of clients that are not.
 * Another client is served throughout, no buffer is lost, no thread ends, nothing is thrown that
 * somebody has to log, and of those that have gone nothing stays but what a persistent session is.
 * How many: {@code -Dgantry.fuzz.packets=1000000}; over sockets a twentieth of it. Which: {@code
 * -Dgantry.fuzz.seed=N}, printed.
 */
class MqttFuzzTest {

  private static final int PACKETS = Integer.getInteger("gantry.fuzz.packets", 40_000);
  private static final int OVER_SOCKETS = PACKETS / 20;
  private static final int LOOK_EVERY = 2_000;
  private static final int CLIENTS = 40;

  private final long seed = Long.getLong("gantry.fuzz.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private Site site;
  private final Complaints complaints = new Complaints();
  private RawClient bystander;
  private int served;

  @BeforeEach
  void open() throws Exception {
    System.out.println("gantry.fuzz.seed=" + seed);
    complaints.listen();
    // Who comes by TLS or a stream must say who it is, and then may use what a rule permits.
    site = Site.withRules(List.of("* use #"));
    bystander = new RawClient(site.port()).login("bystander", true);
    bystander.send(RawClient.subscribe(1, "calm/water", 1));
    bystander.expect(RawClient.SUBACK);
  }

  @AfterEach
  void close() throws Exception {
    bystander.close();
    site.close();
    assertEquals(List.of(), complaints.end());
  }

  @Test
  void packetsThatAreDamagedHarmNobodyElse() throws Exception {
    Set<String> threads = threads();
    int sent = 0;
    int next = 0;
    while (sent < PACKETS) {
      SilentPeer peer = new SilentPeer();
      StreamProtocol.Receiver receiver = site.server.open(peer);
      List<byte[]> packets = conversation();
      for (byte[] packet : packets) {
        receiver.received(ByteBuffer.wrap(packet));
      }
      sent += packets.size();
      if (random.nextInt(4) > 0) {
        receiver.closed();
      }
      if (sent >= next) {
        next += LOOK_EVERY;
        assertServed();
      }
    }
    assertNothingIsLeft(sent);
    assertTrue(threads().containsAll(threads), "a thread of the server has ended");
  }

  @Test
  void packetsThatAreDamagedHarmNobodyElseOverSockets() throws Exception {
    int sent = 0;
    int next = 0;
    while (sent < OVER_SOCKETS) {
      boolean tls = random.nextBoolean();
      List<byte[]> packets = conversation();
      try (Socket socket = tls ? tlsSocket() : new Socket("127.0.0.1", site.port())) {
        socket.setSoTimeout(60_000);
        OutputStream out = socket.getOutputStream();
        for (byte[] packet : packets) {
          out.write(packet);
        }
        out.flush();
      } catch (IOException thrownOut) {
        // The server may close while we write.
      }
      sent += packets.size();
      if (sent >= next) {
        next += LOOK_EVERY / 4;
        assertServed();
      }
    }
    assertNothingIsLeft(sent);
  }

  private Socket tlsSocket() throws IOException {
    SSLSocket socket =
        (SSLSocket)
            site.certificates
                .clientContext()
                .getSocketFactory()
                .createSocket("localhost", site.tlsPort());
    socket.startHandshake();
    return socket;
  }

  /** The bystander is answered, and gets what it sends to itself. */
  private void assertServed() throws IOException {
    byte[] body = Integer.toString(++served).getBytes(UTF_8);
    bystander.send(
        RawClient.bytes(0xC0, 0),
        RawClient.publish("calm/water", 1, served % 60_000 + 1, false, body));
    boolean pong = false;
    boolean acknowledged = false;
    boolean received = false;
    while (!pong || !acknowledged || !received) {
      Packet packet = bystander.read();
      switch (packet.type()) {
        case RawClient.PINGRESP -> pong = true;
        case RawClient.PUBACK -> acknowledged = true;
        case RawClient.PUBLISH -> {
          // Others publish there, too, with any QoS.
          boolean hasId = (packet.first() & 6) != 0;
          byte[] rest = packet.rest();
          int at = 2 + packet.id(0);
          if (hasId) {
            bystander.send(RawClient.ack(0x40, packet.id(at)));
          }
          received |=
              Arrays.equals(body, Arrays.copyOfRange(rest, at + (hasId ? 2 : 0), rest.length));
        }
        default -> throw new AssertionError("packet of type " + packet.type());
      }
    }
  }

  private void assertNothingIsLeft(int sent) throws Exception {
    assertServed();
    Await.until("all but the bystander have gone", () -> site.connections() <= 1 + left());
    // What happens at the end of a connection comes a turn of the loop after it.
    Await.until(
        "no client is known that has gone",
        () -> site.server.inspect(broker -> broker.clients().size()) <= 1 + left());
    Await.until(
        "no session is left that ends with its connection",
        () -> site.server.inspect(MqttFuzzTest::sessionsThatEndWithTheirConnection) <= 1 + left());
    System.out.println(
        "refused: " + site.drops.counts() + ", taken by the hub: " + site.hub.sent().size());
    assertTrue(site.hub.sent().size() > sent / 1_000, "hardly anybody came in");
    assertTrue(site.drops.counts().values().stream().mapToLong(Long::longValue).sum() > 0);
  }

  private static long sessionsThatEndWithTheirConnection(Broker broker) {
    Sessions sessions = broker.sessions();
    return sessions.list().stream()
        .filter(session -> !sessions.state(session.clientId()).persistent)
        .count();
  }

  /** Those whose end nobody has told the server, and that did nothing wrong, are still there. */
  private int left() {
    return stillOpen.stream().mapToInt(peer -> peer.closed ? 0 : 1).sum();
  }

  private final List<SilentPeer> stillOpen = new ArrayList<>();

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("test-mqtt"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // --- what is sent

  private List<byte[]> conversation() {
    String id = "fuzz" + random.nextInt(CLIENTS);
    List<byte[]> packets = new ArrayList<>();
    if (random.nextInt(8) > 0) {
      packets.add(RawClient.connectWithPassword(id, random.nextInt(4) > 0));
    }
    int count = 1 + random.nextInt(20);
    int calm = 1 + random.nextInt(8);
    if (packets.isEmpty() && random.nextBoolean()) {
      packets.add(connectWithWill(id));
    }
    for (int i = 0; i < count; i++) {
      byte[] valid = valid(id);
      packets.add(random.nextInt(calm) > 0 ? valid : damaged(valid, id));
    }
    return packets;
  }

  private byte[] valid(String id) {
    int packetId = random.nextInt(5) == 0 ? 1 + random.nextInt(65_535) : 1 + random.nextInt(8);
    int qos = random.nextInt(3);
    byte[] body = new byte[random.nextInt(random.nextInt(50) == 0 ? 70_000 : 40)];
    // What ends a connection in any case is rare, or nothing behind it would be tried.
    int kind = random.nextInt(10) > 0 ? 3 + random.nextInt(12) : random.nextInt(3);
    return switch (kind) {
      case 0 -> connectWithWill(id);
      case 1 -> RawClient.bytes(0xE0, 0);
      case 2 -> RawClient.connect(id, true);
      case 3, 4 -> RawClient.subscribe(packetId, filter(id), qos);
      case 5 ->
          RawClient.packet(
              0xA2, RawClient.bytes(packetId >> 8, packetId), RawClient.text(filter(id)));
      case 6 -> RawClient.ack(0x40, packetId);
      case 7 -> RawClient.ack(0x50, packetId);
      case 8 -> RawClient.ack(0x62, packetId);
      case 9 -> RawClient.ack(0x70, packetId);
      case 10 -> RawClient.bytes(0xC0, 0);
      default -> publish(id, qos, packetId, body);
    };
  }

  private byte[] publish(String id, int qos, int packetId, byte[] body) {
    String[] free = {"a/b", "a/" + random.nextInt(100), "calm/water", "/"};
    String[] hub = {
      "devices/" + id + "/messages/events/%24.mid=1&k=v",
      "devices/" + id + "/messages/events/",
      "$iothub/twin/GET/?$rid=1",
      "$iothub/twin/PATCH/properties/reported/?$rid=2",
      "$iothub/methods/res/200/?$rid=3",
    };
    String[] bad = {
      "devices/" + id + "/messages/events/a=1&a=2", "devices/other/messages/events/", "$SYS/x", "+"
    };
    String[] topics = random.nextInt(30) == 0 ? bad : qos == 2 || random.nextBoolean() ? free : hub;
    byte[] packet =
        RawClient.publish(topics[random.nextInt(topics.length)], qos, packetId, false, body);
    packet[0] |= (byte) random.nextInt(2);
    return packet;
  }

  private String filter(String id) {
    String[] filters = {
      "#",
      "+/b",
      "a/#",
      "a/" + random.nextInt(100),
      random.nextInt(10) == 0 ? "$share/g/a" : "b/#",
      "$iothub/twin/res/#",
      "$iothub/methods/POST/#",
      "$iothub/twin/PATCH/properties/desired/#",
      "devices/" + id + "/messages/devicebound/#",
    };
    return filters[random.nextInt(filters.length)];
  }

  private byte[] connectWithWill(String id) {
    int qos = random.nextInt(4);
    int flags = 0xC4 | qos << 3 | random.nextInt(2) << 5 | 2;
    String topic = random.nextBoolean() ? "a/will" : "devices/" + id + "/messages/events/";
    return RawClient.packet(
        0x10,
        RawClient.text("MQTT"),
        RawClient.bytes(4, flags, 0, random.nextInt(256)),
        RawClient.text(id),
        RawClient.text(topic),
        RawClient.text("gone"),
        RawClient.text(id),
        RawClient.text("let me in"));
  }

  private byte[] damaged(byte[] valid, String id) {
    byte[] packet = valid.clone();
    int at = random.nextInt(packet.length);
    switch (random.nextInt(8)) {
      case 0 -> packet[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> packet[at] = (byte) random.nextInt(256);
      case 2 -> packet[Math.min(1, packet.length - 1)] = (byte) random.nextInt(256);
      case 3 -> packet = Arrays.copyOf(packet, at);
      case 4 -> packet = spliced(packet, at, new byte[] {(byte) random.nextInt(256)});
      case 5 -> packet = spliced(packet, at, valid(id));
      case 6 -> {
        byte[] boundary = {0, -1, 127, -128, 1, 2};
        packet[at] = boundary[random.nextInt(boundary.length)];
      }
      default -> {
        for (int i = 0; i < 5; i++) {
          packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return packet;
  }

  private static byte[] spliced(byte[] packet, int at, byte[] piece) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(packet, 0, at);
    out.writeBytes(piece);
    out.write(packet, at, packet.length - at);
    return out.toByteArray();
  }

  /** Takes everything and says nothing. */
  private final class SilentPeer implements StreamProtocol.Peer {

    private volatile boolean closed;

    SilentPeer() {
      stillOpen.removeIf(peer -> peer.closed);
      stillOpen.add(this);
    }

    @Override
    public InetSocketAddress address() {
      return new InetSocketAddress("127.0.0.1", 4711);
    }

    @Override
    public List<X509Certificate> certificates() {
      return List.of();
    }

    @Override
    public void send(ByteBuffer bytes) {}

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void read(boolean on) {}

    @Override
    public void close() {
      closed = true;
    }
  }
}
