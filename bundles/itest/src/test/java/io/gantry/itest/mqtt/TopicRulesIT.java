package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may do what on free topics as it ships. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TopicRulesIT {

  private static final int WILL = RawClient.CLEAN | RawClient.WILL | RawClient.WILL_QOS_1;

  private Broker broker;

  @BeforeAll
  void start(@TempDir Path temp) {
    Distribution distribution = Distribution.in(temp.resolve("gantry"));
    distribution.start();
    broker = Broker.of(distribution);
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void aDeviceHasTheTopicsBelowItsNameAndAModuleThoseBelowItsOwn(Library library) throws Exception {
    for (String id : new String[] {"press1", "gateway/meter"}) {
      try (ThirdPartyClient owner = broker.connect(library, id)) {
        owner.subscribe(id + "/#", 1);
        for (String topic : new String[] {id, id + "/a/b"}) {
          owner.publish(topic, "mine", 1, false);
          assertEquals(new Arrived(topic, "mine", 1, false), owner.next());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PAHO,press2/a",
    "PAHO,press10",
    "PAHO,public/news",
    "HIVE,press2/a",
    "HIVE,gateway/meter/a"
  })
  void aMessageToOtherTopicsEndsTheConnection(Library library, String topic) throws Exception {
    try (ThirdPartyClient device = broker.connect(library, "press1")) {
      assertThrows(Exception.class, () -> device.publish(topic, "x", 1, false));
      Await.until("it is cut off", ThirdPartyClient.LIMIT, () -> !device.isConnected());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PAHO,#",
    "PAHO,+/a",
    "PAHO,press2/a",
    "PAHO,press1+",
    "HIVE,#",
    "HIVE,press2/#",
    "HIVE,+"
  })
  void aSubscriptionToOtherTopicsIsRefusedAndTheConnectionGoesOn(Library library, String filter)
      throws Exception {
    try (ThirdPartyClient device = broker.connect(library, "press1")) {
      assertThrows(Exception.class, () -> device.subscribe(filter, 1));
      assertTrue(device.isConnected());
      device.subscribe("public/#", 1);
      device.subscribe("press1/#", 1);
      device.publish("press1/a", "goes on", 1, false);
      assertEquals(new Arrived("press1/a", "goes on", 1, false), device.next());
    }
  }

  @ParameterizedTest
  @CsvSource({"press2/will,5", "public/will,5", "press1/will,0"})
  void aWillOnOtherTopicsIsRefusedWithTheLogin(String topic, int code) throws Exception {
    try (RawClient device = RawClient.open(broker.port())) {
      byte[] login = RawClient.connect(broker.known("press1"), WILL, 0, topic, "gone");
      assertEquals(code, device.attempt(login));
      if (code == 0) {
        // In order, or its will would come to whoever has this name next.
        device.disconnect();
      }
    }
  }

  /** Retained or not. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void nobodyHearsWhatADeviceTellsItself(Library library) throws Exception {
    // No other test has this device: what it retains stays.
    try (ThirdPartyClient device = broker.connect(library, "press3");
        ThirdPartyClient neighbour = broker.connect(library.other(), "press2")) {
      assertThrows(Exception.class, () -> neighbour.subscribe("press3/#", 0));
      neighbour.subscribe("press2/#", 0);
      device.publish("press3/secret", "x", 1, true);
      neighbour.publish("press2/own", "y", 1, false);
      assertEquals(new Arrived("press2/own", "y", 0, false), neighbour.next());
      assertEquals(0, neighbour.waiting());
    }
  }
}
