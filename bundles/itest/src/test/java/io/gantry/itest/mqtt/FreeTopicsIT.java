package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.distribution.Distribution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each test with two clients of different make, which must understand each other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FreeTopicsIT {

  private Distribution distribution;
  private int port;

  @BeforeAll
  void start(@TempDir Path temp) {
    distribution =
        Distribution.in(temp.resolve("gantry"))
            .knowing("all", "later", "one", "pump", "reader", "writer");
    distribution.folder().openTopics();
    for (Library library : Library.values()) {
      distribution.knowing("stayer-" + library + 1, "stayer-" + library + 2);
    }
    port = distribution.folder().port("io.gantry.mqtt");
    distribution.start();
  }

  @AfterAll
  void stop() {
    distribution.close();
  }

  @ParameterizedTest
  @CsvSource({"PAHO,0", "PAHO,1", "PAHO,2", "HIVE,0", "HIVE,1", "HIVE,2"})
  void messagesOfEachQosReachSubscribersOfWildcardsInOrder(Library library, int qos)
      throws Exception {
    String root = "plant-" + library + qos;
    try (ThirdPartyClient one = library.connect(port, "one");
        ThirdPartyClient all = library.connect(port, "all");
        ThirdPartyClient writer = library.other().connect(port, "writer")) {
      one.subscribe(root + "/+/temperature", qos);
      all.subscribe(root + "/#", qos);
      List<Arrived> temperatures = new ArrayList<>();
      List<Arrived> everything = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
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

  @ParameterizedTest
  @EnumSource(Library.class)
  void theLastRetainedMessageIsThereForWhoComesLater(Library library) throws Exception {
    String topic = "state-" + library + "/door";
    try (ThirdPartyClient reader = library.connect(port, "reader");
        ThirdPartyClient writer = library.other().connect(port, "writer")) {
      writer.publish(topic, "open", 1, true);
      writer.publish(topic, "closed", 1, true);
      reader.subscribe("state-" + library + "/+", 1);
      assertEquals(new Arrived(topic, "closed", 1, true), reader.next());

      // For who is there already it is a message like any other.
      writer.publish(topic, "ajar", 1, true);
      assertEquals(new Arrived(topic, "ajar", 1, false), reader.next());

      // An empty one deletes it.
      writer.publish(topic, "", 1, true);
      assertEquals(new Arrived(topic, "", 1, false), reader.next());
      try (ThirdPartyClient later = library.connect(port, "later")) {
        later.subscribe("state-" + library + "/#", 1);
        writer.publish(topic, "new", 1, false);
        assertEquals(new Arrived(topic, "new", 1, false), later.next());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void theWillOfAClientWhoseConnectionBreaksIsPublished(Library library) throws Exception {
    String topic = "wills-" + library + "/pump";
    try (ThirdPartyClient reader = library.connect(port, "reader")) {
      reader.subscribe("wills-" + library + "/#", 1);
      // One that leaves in order has no last will.
      try (RawClient leaving = RawClient.open(port).login("pump", topic, "left")) {
        leaving.disconnect();
      }
      try (RawClient dying = RawClient.open(port).login("pump", topic, "gone")) {
        dying.publish(topic, "here");
      }
      assertEquals(new Arrived(topic, "here", 1, false), reader.next());
      assertEquals(new Arrived(topic, "gone", 1, false), reader.next());
    }
  }

  @ParameterizedTest
  @CsvSource({"PAHO,1", "PAHO,2", "HIVE,1", "HIVE,2"})
  void aPersistentSessionGetsWhatCameWhileItsClientWasAway(Library library, int qos)
      throws Exception {
    String topic = "news-" + library + qos;
    String id = "stayer-" + library + qos;
    try (ThirdPartyClient writer = library.other().connect(port, "writer")) {
      try (ThirdPartyClient stayer = library.client(port, id)) {
        assertFalse(stayer.connect(false));
        stayer.subscribe(topic, qos);
        stayer.disconnect();
        for (int i = 0; i < 200; i++) {
          writer.publish(topic, "n" + i, qos, false);
        }
        assertTrue(stayer.connect(false), "the broker has kept the session");
        for (int i = 0; i < 200; i++) {
          assertEquals(new Arrived(topic, "n" + i, qos, false), stayer.next());
        }
      }
      // Who asks for a clean session gets one, and nothing of the former.
      writer.publish(topic, "missed", qos, false);
      try (ThirdPartyClient fresh = library.client(port, id)) {
        assertFalse(fresh.connect(true));
        fresh.subscribe(topic, qos);
        writer.publish(topic, "after", qos, false);
        assertEquals(new Arrived(topic, "after", qos, false), fresh.next());
      }
    }
  }

  @Test
  void aMessageReachesASubscriberWithTheLowerOfTheTwoQos() throws Exception {
    try (ThirdPartyClient reader = Library.PAHO.connect(port, "reader");
        ThirdPartyClient writer = Library.HIVE.connect(port, "writer")) {
      reader.subscribe("lower/one", 1);
      reader.subscribe("lower/two", 2);
      writer.publish("lower/one", "2 to 1", 2, false);
      assertEquals(new Arrived("lower/one", "2 to 1", 1, false), reader.next());
      writer.publish("lower/two", "0 to 2", 0, false);
      assertEquals(new Arrived("lower/two", "0 to 2", 0, false), reader.next());
    }
  }
}
