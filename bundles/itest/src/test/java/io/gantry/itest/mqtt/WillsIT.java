package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What MQTT 3.1.1 says of wills (3.1.2.5). */
@ExtendWith(SharedBroker.class)
class WillsIT {

  private final Broker broker;

  WillsIT(Broker broker) {
    this.broker = broker;
  }

  private static ThirdPartyClient.Will will(String topic, String body, int qos, boolean retained) {
    return new ThirdPartyClient.Will(topic, body, qos, retained);
  }

  @ParameterizedTest
  @CsvSource({
    "PAHO,PLAIN,0",
    "PAHO,PLAIN,1",
    "PAHO,PLAIN,2",
    "HIVE,PLAIN,0",
    "HIVE,PLAIN,1",
    "HIVE,PLAIN,2",
    "PAHO,TLS,1",
    "HIVE,TLS,2"
  })
  void theWillOfAClientWhoseConnectionBreaksIsPublished(Library library, Door door, int qos)
      throws Exception {
    String topic = "plant/will-" + library + door + qos;
    Target target = broker.target(door);
    try (Cable cable = Cable.to(target.port());
        ThirdPartyClient reader = broker.connect(library.other(), "reader")) {
      reader.subscribe(topic, 2);
      ThirdPartyClient leaving = library.client(target, broker.known("pump"));
      leaving.connect(will(topic, "left", qos, false));
      leaving.disconnect();
      ThirdPartyClient dying = library.client(target.by(cable), broker.known("pump"));
      dying.connect(will(topic, "gone", qos, false));
      dying.publish(topic, "here", 1, false);
      // One that leaves in order has no last will.
      assertEquals(new Arrived(topic, "here", 1, false), reader.next());
      cable.cut();
      assertEquals(new Arrived(topic, "gone", qos, false), reader.next());
    }
  }

  /** Moquette forgets those of QoS 2. */
  @ParameterizedTest
  @CsvSource({"PAHO,0", "PAHO,1", "PAHO,2", "HIVE,0", "HIVE,1", "HIVE,2"})
  void aRetainedWillIsThereForWhoComesLater(Library library, int qos) throws Exception {
    String topic = "plant/obituary-" + library + qos;
    Target target = broker.target(Door.PLAIN);
    try (Cable cable = Cable.to(target.port());
        ThirdPartyClient reader = broker.connect(library.other(), "reader")) {
      reader.subscribe(topic, 2);
      ThirdPartyClient dying = library.client(target.by(cable), broker.known("pump"));
      dying.connect(will(topic, "gone", qos, true));
      dying.publish(topic, "here", 1, true);
      assertEquals(new Arrived(topic, "here", 1, false), reader.next());
      cable.cut();
      assertEquals(new Arrived(topic, "gone", qos, false), reader.next());
      try (ThirdPartyClient later = broker.connect(library.other(), "later")) {
        later.subscribe(topic, 2);
        assertEquals(new Arrived(topic, "gone", qos, true), later.next());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void anEmptyRetainedWillDeletesWhatWasRetained(Library library) throws Exception {
    String topic = "plant/forgotten-" + library;
    Target target = broker.target(Door.PLAIN);
    try (Cable cable = Cable.to(target.port());
        ThirdPartyClient reader = broker.connect(library.other(), "reader")) {
      reader.subscribe(topic, 1);
      ThirdPartyClient dying = library.client(target.by(cable), broker.known("pump"));
      dying.connect(will(topic, "", 1, true));
      dying.publish(topic, "here", 1, true);
      assertEquals(new Arrived(topic, "here", 1, false), reader.next());
      cable.cut();
      assertEquals(new Arrived(topic, "", 1, false), reader.next());
      try (ThirdPartyClient later = broker.connect(library.other(), "later")) {
        later.subscribe(topic, 1);
        later.publish(topic, "marker", 1, false);
        assertEquals(new Arrived(topic, "marker", 1, false), later.next());
      }
    }
  }

  /** One and a half times the keep-alive without a sign of life: MQTT 3.1.1, 3.1.2.10. */
  @Test
  void aClientThatSaysNothingForTooLongIsClosedAndItsWillPublished() throws Exception {
    String topic = "plant/silent";
    int flags = RawClient.CLEAN | RawClient.WILL | RawClient.WILL_QOS_1;
    try (ThirdPartyClient reader = broker.connect(Library.HIVE, "reader");
        RawClient silent = RawClient.open(broker.port())) {
      reader.subscribe(topic, 1);
      silent.login(RawClient.connect(broker.known("silent"), flags, 1, topic, "fell silent"));
      silent.awaitClosed();
      assertEquals(new Arrived(topic, "fell silent", 1, false), reader.next());
    }
  }

  @Test
  void whoIsClosedForBreakingTheRulesOrReplacedHasAWillToo() throws Exception {
    String topic = "plant/rules";
    try (ThirdPartyClient reader = broker.connect(Library.PAHO, "reader")) {
      reader.subscribe(topic, 1);
      try (RawClient breaking = RawClient.open(broker.port())) {
        breaking.login(broker.known("breaking"), topic, "broke a rule");
        // A subscription without a packet id.
        breaking.send(RawClient.packet(0x82, RawClient.bytes(0, 0)));
        breaking.awaitClosed();
        assertEquals(new Arrived(topic, "broke a rule", 1, false), reader.next());
      }
      try (RawClient first = RawClient.open(broker.port())) {
        first.login(broker.known("twin"), topic, "was replaced");
        try (ThirdPartyClient second = broker.connect(Library.HIVE, "twin")) {
          first.awaitClosed();
          assertEquals(new Arrived(topic, "was replaced", 1, false), reader.next());
          second.publish(topic, "took over", 1, false);
          assertEquals(new Arrived(topic, "took over", 1, false), reader.next());
        }
      }
    }
  }
}
