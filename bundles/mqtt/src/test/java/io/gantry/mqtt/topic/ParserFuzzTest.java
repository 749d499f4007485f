package io.gantry.mqtt.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.routing.TopicFilter;
import io.gantry.spi.security.SasToken;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever text comes, it is read or refused in the way that is documented. How many: a tenth of
 * {@code -Dgantry.fuzz.packets=1000000} for each; which: {@code -Dgantry.fuzz.seed=N}, printed when
 * one fails.
 */
class ParserFuzzTest {

  private static final int TEXTS = Integer.getInteger("gantry.fuzz.packets", 100_000) / 10;
  private static final String[] PIECES = {
    "devices/",
    "/modules/",
    "/messages/events/",
    "/messages/devicebound/",
    "/inputs/",
    "$iothub/",
    "twin/GET/",
    "twin/res/",
    "twin/PATCH/properties/reported/",
    "methods/POST/",
    "methods/res/",
    "?$rid=",
    "&",
    "=",
    "/",
    "//",
    "#",
    "+",
    "%",
    "%24",
    "%2",
    "%GG",
    "%00",
    "$.mid=",
    "$.on=",
    "$.cdid=",
    "api-version=",
    "?",
    "{deviceid}",
    "{moduleid}",
    " use ",
    " publish ",
    "*",
    "*/*",
    "SharedAccessSignature ",
    "sr=",
    "sig=",
    "se=",
    "2000000000",
    "-1",
    "99999999999999999999",
    "aG9zdA==",
    "d1",
    "a",
    "\u00e9",
    "\ud83d\ude00",
    "\ud800",
    "\0",
    "\n",
    "\uFFFD",
    ""
  };

  private final long seed = Long.getLong("gantry.fuzz.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private String text = "";
  private boolean passed;

  @AfterEach
  void tell() {
    if (!passed) {
      System.out.println("gantry.fuzz.seed=" + seed + ", last text: '" + text + "'");
    }
  }

  private interface Parser {
    void read(String text) throws Exception;
  }

  private void feed(Parser parser) throws Exception {
    for (int i = 0; i < TEXTS; i++) {
      text = text();
      parser.read(text);
    }
    passed = true;
  }

  private String text() {
    StringBuilder all = new StringBuilder();
    for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
      if (random.nextInt(5) == 0) {
        all.append((char) random.nextInt(random.nextBoolean() ? 128 : 65_536));
      } else {
        all.append(PIECES[random.nextInt(PIECES.length)]);
      }
    }
    return random.nextInt(1_000) == 0 ? all.toString().repeat(500) : all.toString();
  }

  @Test
  void aTopicMeansSomething() throws Exception {
    feed(
        topic -> {
          boolean reserved = topic.startsWith("$") || (topic + "/").startsWith("devices/");
          assertEquals(reserved, !(HubTopic.ofPublish(topic) instanceof HubTopic.Free), topic);
          assertEquals(reserved, !(HubTopic.ofFilter(topic) instanceof HubTopic.Free), topic);
          HubTopic.identity(topic);
          if (TopicRules.isTopic(topic)) {
            assertTrue(TopicRules.isFilter(topic), topic);
          }
          TopicRules.isClientId(topic);
        });
  }

  @Test
  void aBagIsReadOrMalformedAndWhatIsReadCanBeWritten() throws Exception {
    feed(
        bag -> {
          PropertyBag read;
          try {
            read = PropertyBag.decode(bag);
          } catch (MalformedBagException refused) {
            return;
          }
          Message message = new Message(Payload.EMPTY, read.properties(), read.system());
          Map<String, String> expected =
              read.properties().entrySet().stream()
                  .filter(each -> each.getValue() != null && !each.getValue().isEmpty())
                  // What a sender says of itself goes no further.
                  .filter(each -> !Set.of("$.cdid", "$.cmid").contains(each.getKey()))
                  .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
          if (isText(expected)) {
            PropertyBag again = PropertyBag.decode(PropertyBag.encode(message));
            assertEquals(expected, again.properties(), bag);
          }
        });
  }

  /** Half of a surrogate pair has no form in UTF-8; no client can send one. */
  private static boolean isText(Map<String, String> properties) {
    return properties.toString().codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }

  @Test
  void aUserNameSaysWhoItIsOrIsNone() throws Exception {
    feed(UserName::parse);
  }

  @Test
  void aRuleIsReadOrRefusedWithAReason() throws Exception {
    feed(
        rule -> {
          try {
            TopicRights.of(List.of(rule)).of(new DeviceIdentity("d1")).maySubscribe(rule);
          } catch (IllegalArgumentException refused) {
            assertTrue(refused.getMessage().contains("rule"), refused.getMessage());
          }
        });
  }

  @Test
  void aTokenIsReadOrRefusedWithAReason() throws Exception {
    feed(
        token -> {
          for (String each : List.of(token, "SharedAccessSignature " + token)) {
            try {
              SasToken.parse(each);
            } catch (IllegalArgumentException refused) {
              assertTrue(refused.getMessage() != null);
            }
          }
        });
  }

  /** What it may subscribe to gives it nothing that its rule does not permit. */
  @Test
  void aSubscriptionThatIsPermittedMatchesOnlyWhatIsPermitted() throws Exception {
    int permitted = 0;
    for (int i = 0; i < TEXTS * 5; i++) {
      String rule = levels("ab+#");
      String filter = levels("ab+#");
      String topic = levels("ab");
      text = rule + ", " + filter + ", " + topic;
      if (TopicFilter.isValid(rule) && TopicFilter.isValid(filter)) {
        ClientRights rights = TopicRights.of(List.of("* use " + rule)).of(new DeviceIdentity("d1"));
        boolean allowed = new TopicFilter(rule).matches(topic);
        assertEquals(allowed, rights.mayPublish(topic), text);
        if (rights.maySubscribe(filter) && new TopicFilter(filter).matches(topic)) {
          permitted++;
          assertTrue(allowed, text);
        }
      }
    }
    assertTrue(permitted > 100, "permitted: " + permitted);
    passed = true;
  }

  private String levels(String alphabet) {
    StringBuilder all = new StringBuilder();
    for (int levels = 1 + random.nextInt(4); levels > 0; levels--) {
      if (random.nextInt(10) > 0) {
        all.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      all.append(levels > 1 ? "/" : "");
    }
    return all.isEmpty() ? "a" : all.toString();
  }
}
