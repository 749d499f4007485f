package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What MQTT 3.1.1 says of messages, topics and subscriptions. Each test with two clients of
 * different make, which must understand each other.
 */
@ExtendWith(SharedBroker.class)
class FreeTopicsIT {

  private static final int LARGEST = 256 * 1024;

  private final Broker broker;

  FreeTopicsIT(Broker broker) {
    this.broker = broker;
  }

  @ParameterizedTest
  @CsvSource({
    "PAHO,PLAIN,0", "PAHO,PLAIN,1", "PAHO,PLAIN,2", "HIVE,PLAIN,0", "HIVE,PLAIN,1",
    "HIVE,PLAIN,2", "PAHO,TLS,1", "PAHO,TLS,2", "HIVE,TLS,0", "HIVE,TLS,2"
  })
  void messagesOfEachQosReachSubscribersOfWildcardsInOrder(Library library, Door door, int qos)
      throws Exception {
    String root = "plant/wild-" + library + door + qos;
    try (ThirdPartyClient one = broker.connect(library, door, "one");
        ThirdPartyClient all = broker.connect(library, door, "all");
        ThirdPartyClient writer = broker.connect(library.other(), door, "writer")) {
      one.subscribe(root + "/+/temperature", qos);
      all.subscribe(root + "/#", qos);
      List<Arrived> temperatures = new ArrayList<>();
      List<Arrived> everything = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        // One level, no level, two levels below: only the first is a temperature of a line.
        String line = root + "/line" + i % 3;
        temperatures.add(new Arrived(line + "/temperature", "t" + i, qos, false));
        everything.add(new Arrived(line + "/temperature", "t" + i, qos, false));
        everything.add(new Arrived(root, "r" + i, qos, false));
        everything.add(new Arrived(line + "/motor/temperature", "m" + i, qos, false));
      }
      for (Arrived message : everything) {
        writer.publish(message.topic(), message.body(), qos, false);
      }
      for (Arrived expected : temperatures) {
        assertEquals(expected, one.next());
      }
      for (Arrived expected : everything) {
        assertEquals(expected, all.next());
      }
    }
  }

  /** MQTT 3.1.1, 4.3: the lower of what its sender chose and of what was subscribed to. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void aMessageReachesASubscriberWithTheLowerOfTheTwoQos(Library library) throws Exception {
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      for (int subscribed = 0; subscribed <= 2; subscribed++) {
        String topic = "plant/lower-" + library + "/" + subscribed;
        reader.subscribe(topic, subscribed);
        for (int sent = 0; sent <= 2; sent++) {
          writer.publish(topic, sent + " to " + subscribed, sent, false);
          assertEquals(
              new Arrived(topic, sent + " to " + subscribed, Math.min(sent, subscribed), false),
              reader.next());
        }
      }
    }
  }

  /** MQTT 3.1.1, 3.3.5: with the highest QoS of those that match; we send it once. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void subscriptionsThatOverlapGetAMessageOnceWithTheirHighestQos(Library library)
      throws Exception {
    String root = "plant/over-" + library;
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      reader.subscribe(root + "/#", 0);
      reader.subscribe(root + "/+", 2);
      reader.subscribe(root + "/a", 1);
      writer.publish(root + "/a", "three match", 2, false);
      assertEquals(new Arrived(root + "/a", "three match", 2, false), reader.next());
      // Only now: a message of QoS 0 may overtake one of QoS 2, which a client may hold until it
      // is released (4.6 orders what has the same topic and QoS).
      writer.publish(root + "/a/b", "one matches", 2, false);
      assertEquals(new Arrived(root + "/a/b", "one matches", 0, false), reader.next());
      reader.unsubscribe(root + "/+");
      reader.roundTrip(root, "all is here");
      writer.publish(root + "/a", "two match", 2, false);
      assertEquals(new Arrived(root + "/a", "two match", 1, false), reader.next());
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void aSubscriptionIsReplacedByTheNextToTheSameFilterAndEndedByUnsubscribe(Library library)
      throws Exception {
    String topic = "plant/again-" + library;
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      reader.subscribe(topic + "/back", 1);
      reader.subscribe(topic, 2);
      reader.subscribe(topic, 0);
      writer.publish(topic, "lower now", 2, false);
      assertEquals(new Arrived(topic, "lower now", 0, false), reader.next());
      reader.unsubscribe(topic);
      writer.publish(topic, "to nobody", 1, false);
      reader.publish(topic + "/back", "first", 1, false);
      assertEquals(new Arrived(topic + "/back", "first", 1, false), reader.next());
      // What was never subscribed to may be unsubscribed from.
      reader.unsubscribe("plant/never");
    }
  }

  /** Sent without waiting for the acknowledgements: the order is the broker's business. */
  @ParameterizedTest
  @CsvSource({"PAHO,0", "PAHO,1", "PAHO,2", "HIVE,0", "HIVE,1", "HIVE,2"})
  void manyMessagesOnATopicStayInOrder(Library library, int qos) throws Exception {
    String topic = "plant/order-" + library + qos;
    int messages = 500;
    HiveThirdParty writer =
        new HiveThirdParty(broker.target(Door.PLAIN), broker.known("writer"), "writer");
    try (writer;
        ThirdPartyClient reader = broker.connect(library, "reader")) {
      writer.connect(true);
      reader.subscribe(topic, qos);
      List<CompletableFuture<?>> sent = new ArrayList<>();
      for (int i = 0; i < messages; i++) {
        byte[] body = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
        sent.add(writer.publishing(topic, body, qos, false));
      }
      for (int i = 0; i < messages; i++) {
        assertEquals(new Arrived(topic, Integer.toString(i), qos, false), reader.next());
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new))
          .get(ThirdPartyClient.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({"PAHO,PLAIN", "HIVE,PLAIN", "PAHO,TLS", "HIVE,TLS"})
  void emptyAndLargeMessagesArriveAsTheyAre(Library library, Door door) throws Exception {
    String topic = "plant/size-" + library + door;
    try (ThirdPartyClient reader = broker.connect(library, door, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), door, "writer")) {
      reader.subscribe(topic, 2);
      for (int qos = 0; qos <= 2; qos++) {
        writer.publish(topic, "", qos, false);
        assertEquals(new Arrived(topic, "", qos, false), reader.next());
        String large = Integer.toString(qos).repeat(LARGEST);
        writer.publish(topic, large, qos, false);
        Arrived arrived = reader.next();
        assertTrue(arrived.body().equals(large), () -> arrived.body().length() + " characters");
        assertEquals(qos, arrived.qos());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void topicsAreUnicodeAndLevelsMayBeEmpty(Library library) throws Exception {
    String root = "plant/größe-" + library;
    List<String> topics =
        List.of(
            root + "/温度",
            root + "/°C Grad/ä b",
            root + "//x",
            root + "/%24.x&y=%/?",
            root + "/" + "long".repeat(1_000),
            root + "/a".repeat(20));
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      reader.subscribe(root + "/#", 1);
      for (String topic : topics) {
        writer.publish(topic, "x", 1, false);
        assertEquals(new Arrived(topic, "x", 1, false), reader.next());
      }
      reader.unsubscribe(root + "/#");
      reader.subscribe(root + "/+/x", 1);
      for (String topic : topics) {
        writer.publish(topic, "y", 1, false);
      }
      // An empty level is a level.
      assertEquals(new Arrived(root + "//x", "y", 1, false), reader.next());
      // Case and spaces count.
      reader.subscribe(root + "/Last", 1);
      writer.publish(root + "/last", "z", 1, false);
      writer.publish(root + "/Last ", "z", 1, false);
      writer.publish(root + "/Last", "z", 1, false);
      assertEquals(new Arrived(root + "/Last", "z", 1, false), reader.next());
    }
  }

  /** Among clients of one make: Paho cannot read such topics. */
  @Test
  void topicsMayHoldCharactersOutsideTheBasicPlane() throws Exception {
    String topic = "plant/\uD83C\uDF21/\uD83D\uDD25";
    try (ThirdPartyClient reader = broker.connect(Library.HIVE, "reader");
        ThirdPartyClient writer = broker.connect(Library.HIVE, "writer")) {
      reader.subscribe("plant/\uD83C\uDF21/+", 1);
      writer.publish(topic, "\uD83D\uDE92", 1, false);
      assertEquals(new Arrived(topic, "\uD83D\uDE92", 1, false), reader.next());
    }
  }

  /** MQTT 3.1.1, 4.7.2; and what is the hub's is nobody else's, whatever the rules say. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void subscribersToEverythingDoNotSeeTheTopicsOfTheHub(Library library) throws Exception {
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      reader.subscribe("#", 1);
      reader.subscribe("+/writer/messages/events/", 1);
      reader.subscribe("+/twin/#", 1);
      writer.publish("devices/writer/messages/events/", "telemetry", 1, false);
      writer.publish("$iothub/twin/GET/?$rid=1", "", 1, false);
      writer.publish("plant/everything", "last", 1, false);
      List<String> seen = new ArrayList<>();
      for (Arrived next = reader.next(); !next.body().equals("last"); next = reader.next()) {
        if (!next.retained()) {
          seen.add(next.topic());
        }
      }
      assertEquals(List.of(), seen);
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void topicsThatBeginWithADollarAreNotFree(Library library) throws Exception {
    for (String topic : List.of("$SYS/broker", "$any/thing")) {
      try (ThirdPartyClient client = broker.connect(library, "dollar")) {
        assertThrows(Exception.class, () -> client.publish(topic, "x", 1, false), topic);
        Await.until("it is cut off", ThirdPartyClient.LIMIT, () -> !client.isConnected());
      }
      try (ThirdPartyClient client = broker.connect(library, "dollar")) {
        assertThrows(Exception.class, () -> client.subscribe(topic, 1), topic);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void oneClientMayHaveAThousandSubscriptionsAndNoMore(Library library) throws Exception {
    String root = "plant/many-" + library + "/";
    int most = 1_000;
    try (ThirdPartyClient reader = broker.connect(library, "reader");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      for (int i = 0; i < most; i++) {
        reader.subscribe(root + i + "/+", i % 3);
      }
      assertThrows(Exception.class, () -> reader.subscribe(root + most, 1));
      assertTrue(reader.isConnected(), "it is refused that one, and goes on");
      for (int i = 0; i < most; i += 37) {
        writer.publish(root + i + "/x", "to " + i, 2, false);
        assertEquals(new Arrived(root + i + "/x", "to " + i, i % 3, false), reader.next());
      }
      reader.unsubscribe(root + "37/+");
      reader.subscribe(root + most, 1);
      writer.publish(root + "37/x", "to nobody", 1, false);
      writer.publish(root + most, "in its place", 1, false);
      assertEquals(new Arrived(root + most, "in its place", 1, false), reader.next());
    }
  }

  /** Each of them gets everything, with its own QoS. */
  @Test
  void manySubscribersOfATopicAllGetItsMessages() throws Exception {
    List<ThirdPartyClient> readers = new ArrayList<>();
    try (ThirdPartyClient writer = broker.connect(Library.PAHO, "writer")) {
      for (int i = 0; i < 30; i++) {
        ThirdPartyClient reader =
            broker.connect(i % 2 == 0 ? Library.PAHO : Library.HIVE, "reader-" + i);
        readers.add(reader);
        reader.subscribe("plant/all/#", i % 3);
      }
      for (int i = 0; i < 10; i++) {
        writer.publish("plant/all/" + i, "x", 2, false);
      }
      for (int reader = 0; reader < readers.size(); reader++) {
        for (int i = 0; i < 10; i++) {
          assertEquals(
              new Arrived("plant/all/" + i, "x", reader % 3, false), readers.get(reader).next());
        }
      }
    } finally {
      for (ThirdPartyClient reader : readers) {
        reader.close();
      }
    }
  }
}
