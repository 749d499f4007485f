package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What MQTT 3.1.1 says of retained messages (3.3.1.3). */
@ExtendWith(SharedBroker.class)
class RetainedIT {

  private final Broker broker;

  RetainedIT(Broker broker) {
    this.broker = broker;
  }

  /** What a client that comes now is given before anything else; the marker when nothing is. */
  private Arrived forANewClient(Library library, String filter, String topic) throws Exception {
    try (ThirdPartyClient later = broker.connect(library, "later")) {
      later.subscribe(filter, 2);
      later.publish(topic, "marker", 1, false);
      return later.next();
    }
  }

  @ParameterizedTest
  @CsvSource({"PAHO,PLAIN", "HIVE,PLAIN", "PAHO,TLS", "HIVE,TLS"})
  void theLastRetainedMessageIsThereForWhoComesLater(Library library, Door door) throws Exception {
    String root = "plant/state-" + library + door;
    String topic = root + "/door";
    try (ThirdPartyClient reader = broker.connect(library, door, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), door, "writer")) {
      writer.publish(topic, "open", 1, true);
      writer.publish(topic, "closed", 1, true);
      reader.subscribe(root + "/+", 1);
      assertEquals(new Arrived(topic, "closed", 1, true), reader.next());

      // For who is there already it is a message like any other.
      writer.publish(topic, "ajar", 1, true);
      assertEquals(new Arrived(topic, "ajar", 1, false), reader.next());

      // One that is not retained leaves it as it is.
      writer.publish(topic, "knock", 1, false);
      assertEquals(new Arrived(topic, "knock", 1, false), reader.next());
      Arrived ajar = new Arrived(topic, "ajar", 1, true);
      assertEquals(ajar, forANewClient(library, topic, topic));

      // An empty one deletes it.
      writer.publish(topic, "", 1, true);
      assertEquals("marker", reader.next().body());
      assertEquals(new Arrived(topic, "", 1, false), reader.next());
      assertEquals("marker", forANewClient(library, topic, topic).body());
    }
  }

  /** Moquette keeps no message of QoS 2, and takes one of QoS 0 for the wish to delete. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void messagesOfEachQosAreRetainedWithItAndDeletedByEach(Library library) throws Exception {
    String root = "plant/kept-" + library + "/";
    try (ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      for (int qos = 0; qos <= 2; qos++) {
        String topic = root + qos;
        writer.publish(topic, "first", 2 - qos, true);
        writer.publish(topic, "kept", qos, true);
        // Nothing tells when one of QoS 0 has been seen; what comes behind it on its connection
        // does.
        writer.publish(root, "behind", 1, false);
        for (int subscribed = 0; subscribed <= 2; subscribed++) {
          try (ThirdPartyClient reader = broker.connect(library, "reader")) {
            reader.subscribe(topic, subscribed);
            assertEquals(
                new Arrived(topic, "kept", Math.min(qos, subscribed), true), reader.next());
          }
        }
      }
      for (int qos = 0; qos <= 2; qos++) {
        // Each is deleted by a message of another QoS than it was made with.
        String topic = root + (qos + 1) % 3;
        writer.publish(topic, "", qos, true);
        writer.publish(root, "behind", 1, false);
        assertEquals("marker", forANewClient(library, topic, topic).body());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void aWildcardIsAnsweredWithEachRetainedMessageThatMatchesOnce(Library library) throws Exception {
    String root = "plant/hall-" + library;
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      Set<Arrived> lines = new HashSet<>();
      Set<Arrived> all = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        Arrived line = new Arrived(root + "/line" + i, "v" + i, i % 3, true);
        Arrived motor = new Arrived(root + "/line" + i + "/motor", "m" + i, i % 3, true);
        writer.publish(line.topic(), line.body(), line.qos(), true);
        writer.publish(motor.topic(), motor.body(), motor.qos(), true);
        lines.add(line);
        all.add(line);
        all.add(motor);
      }
      writer.publish(root, "the hall", 1, true);
      all.add(new Arrived(root, "the hall", 1, true));

      reader.subscribe(root + "/+", 2);
      assertEquals(lines, next(reader, lines.size()));
      reader.subscribe(root + "/#", 2);
      assertEquals(all, next(reader, all.size()));
      // The same once more: MQTT 3.1.1, 3.8.4.
      reader.subscribe(root + "/+", 2);
      assertEquals(lines, next(reader, lines.size()));
      reader.publish(root + "/line0", "marker", 1, false);
      assertEquals("marker", reader.next().body());
    }
  }

  private static Set<Arrived> next(ThirdPartyClient reader, int count) throws Exception {
    Set<Arrived> found = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Arrived next = reader.next();
      assertTrue(found.add(next), () -> "twice: " + next);
    }
    return found;
  }

  /** For its subscription it is no old message, however late it comes. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void whatWasRetainedWhileAPersistentSessionWasAwayComesAsANewMessage(Library library)
      throws Exception {
    String topic = "plant/retained-away-" + library;
    try (ThirdPartyClient writer = broker.connect(library.other(), "writer");
        ThirdPartyClient stayer = broker.client(library, Door.PLAIN, "kept-" + library)) {
      stayer.connect(false);
      stayer.subscribe(topic, 1);
      stayer.disconnect();
      writer.publish(topic, "while away", 1, true);
      assertTrue(stayer.connect(false));
      assertEquals(new Arrived(topic, "while away", 1, false), stayer.next());
      stayer.publish(topic, "marker", 1, false);
      assertEquals("marker", stayer.next().body());
    }
  }
}
