package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.mqtt.broker.RawClient.Packet;
import java.io.IOException;
import java.util.Arrays;

/**
 * Two that do nothing wrong: one that has subscribed to a free topic and gets what it sends there,
 * and a device that sends telemetry. Whatever others do, they are served.
 */
final class Bystanders implements AutoCloseable {

  private static final String TOPIC = "bystander/calm";

  private final RawClient subscriber;
  private final RawClient device;
  private int rounds;

  Bystanders(Site site) throws IOException {
    subscriber = login(site, "bystander");
    device = login(site, "thermometer");
    subscriber.send(RawClient.subscribe(1, TOPIC, 1));
    subscriber.expect(RawClient.SUBACK);
  }

  private static RawClient login(Site site, String id) throws IOException {
    RawClient client = new RawClient(site.port());
    client.send(RawClient.connectWithPassword(id, true));
    client.expect(RawClient.CONNACK);
    return client;
  }

  /** Fails when one of the two is not answered, or gets what it did not ask for. */
  void assertServed() throws IOException {
    int id = ++rounds % 60_000 + 1;
    byte[] body = Integer.toString(rounds).getBytes(UTF_8);
    device.send(
        RawClient.publish("devices/thermometer/messages/events/", 1, id, false, body),
        RawClient.bytes(0xC0, 0));
    subscriber.send(RawClient.publish(TOPIC, 1, id, false, body), RawClient.bytes(0xC0, 0));
    boolean acknowledged = false;
    boolean answered = false;
    while (!acknowledged || !answered) {
      Packet packet = device.read();
      acknowledged |= packet.type() == RawClient.PUBACK && packet.id(0) == id;
      answered |= packet.type() == RawClient.PINGRESP;
    }
    acknowledged = false;
    answered = false;
    boolean received = false;
    while (!acknowledged || !answered || !received) {
      Packet packet = subscriber.read();
      acknowledged |= packet.type() == RawClient.PUBACK && packet.id(0) == id;
      answered |= packet.type() == RawClient.PINGRESP;
      if (packet.type() == RawClient.PUBLISH) {
        received |= isOwn(packet, body);
        subscriber.send(RawClient.ack(0x40, packet.publishId()));
      }
    }
  }

  private static boolean isOwn(Packet packet, byte[] body) {
    byte[] rest = packet.rest();
    if (!packet.topic().equals(TOPIC)) {
      throw new AssertionError("a message on " + packet.topic());
    }
    return Arrays.equals(body, Arrays.copyOfRange(rest, 4 + packet.id(0), rest.length));
  }

  @Override
  public void close() throws IOException {
    subscriber.close();
    device.close();
  }
}
