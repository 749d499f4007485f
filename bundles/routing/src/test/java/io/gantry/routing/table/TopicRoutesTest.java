package io.gantry.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.Topic;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics of the local broker as sources and sinks. */
class TopicRoutesTest {

  private static final Message MESSAGE =
      Message.of(Payload.ofText("x"))
          .withProperty("Line", "l1")
          .withProperty("deep", "a/b")
          .withSystemProperty("connectionDeviceId", "d1");

  private static CompiledRoutes.Result compile(String... texts) {
    List<RouteDefinition> routes = new ArrayList<>();
    for (String text : texts) {
      routes.add(new RouteDefinition("r" + routes.size(), text));
    }
    return CompiledRoutes.compile(RouteSet.of(routes));
  }

  private static boolean takes(String source, String topic) {
    CompiledRoutes.Result compiled = compile("FROM " + source + " INTO $upstream");
    assertEquals(List.of(), compiled.errors());
    return !compiled.routes().match(MessageSource.topic(topic), MESSAGE).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/topics/#, a/b, true",
    "/topics/#, $SYS/x, false",
    "/topics/+/x, $SYS/x, false",
    "/topics/a/+, a/b, true",
    "/topics/a/+, a/b/c, false",
    "/topics/a/+, a/, true",
    "/topics/a/#, a, true",
    "/topics/a/#, A, false",
    "/topics/a, a/b, false",
    "/topics//a, /a, true"
  })
  void aFilterMatchesAsInMqtt(String source, String topic, boolean expected) {
    assertEquals(expected, takes(source, topic));
  }

  /** A gateway that sends all telemetry up does not send the chatter of its broker. */
  @Test
  void theSourcesOfTheVendorDoNotTakeTopics() {
    assertFalse(takes("/*", "a"));
    assertFalse(takes("/messages/*", "a"));
    CompiledRoutes routes = compile("FROM /topics/# INTO $upstream").routes();
    assertEquals(List.of(), routes.match(MessageSource.DEVICE, MESSAGE));
    assertFalse(routes.isWanted(MessageSource.DEVICE));
    assertTrue(routes.isWanted(MessageSource.topic("a")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/topics/", "/topics/a/#/b", "/topics/a+", "/topics/#a"})
  void aFilterThatIsNoneIsNamed(String source) {
    RouteError error = compile("FROM " + source + " INTO $upstream").errors().get(0);
    assertEquals(14, error.column());
    assertTrue(error.text().startsWith("expected an MQTT filter"), error.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a/#", "+/a", "devices/d1/messages/events/", "$iothub/x", "a/${}", "${a"})
  void aTopicThatMayNotBePublishedToIsNamed(String topic) {
    RouteError error = compile("FROM /messages/* INTO Topic('" + topic + "')").errors().get(0);
    assertEquals(29, error.column());
    assertTrue(error.text().startsWith("expected a topic"), error.text());
  }

  private static Topic sink(String template) {
    CompiledRoutes.Result compiled = compile("FROM /messages/* INTO topic(\"" + template + "\")");
    assertEquals(List.of(), compiled.errors());
    EndpointAddress address =
        compiled.routes().match(MessageSource.DEVICE, MESSAGE).get(0).address();
    assertEquals(Optional.of(address), EndpointAddress.parse(address.id()));
    return (Topic) address;
  }

  @Test
  void aTopicIsFilledInFromTheMessage() {
    assertEquals("plant/a", sink("plant/a").resolve(MESSAGE));
    assertEquals("plant/l1/d1", sink("plant/${line}/${$connectionDeviceId}").resolve(MESSAGE));
    assertTrue(sink("cost/$5").isFixed());
    assertFalse(sink("a/${line}").isFixed());
  }

  /** What a sender says must not lead out of the place that the operator has chosen. */
  @ParameterizedTest
  @CsvSource({"${missing}, found none", "${deep}, found 'a/b'", "${$missing}, found none"})
  void aPropertyThatIsNoLevelIsNamed(String placeholder, String expected) {
    Topic topic = sink("plant/" + placeholder);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> topic.resolve(MESSAGE));
    assertTrue(refused.getMessage().endsWith(expected), refused.getMessage());
  }

  @Test
  void aCircleThatIsCertainIsRefused() {
    assertEquals(
        List.of(
            new RouteError(
                "r0",
                18,
                "expected a topic that does not lead back here, found 'a/b': every message would go"
                    + " round in a circle")),
        compile("FROM /topics/a/# INTO Topic('a/b')").errors());
    List<RouteError> errors =
        compile(
                "FROM /topics/a INTO Topic('b')",
                "FROM /topics/b INTO Topic('c')",
                "FROM /topics/+ INTO $upstream",
                "FROM /topics/c INTO Topic('a')",
                "FROM /topics/c INTO Topic('d')")
            .errors();
    assertEquals(List.of("r0", "r1", "r3"), errors.stream().map(RouteError::route).toList());
  }

  @Test
  void aCircleThatDependsOnTheMessageIsNotRefused() {
    assertEquals(
        List.of(),
        compile(
                "FROM /topics/a WHERE x = 'y' INTO Topic('a')",
                "FROM /topics/b/+ INTO Topic('b/${line}')")
            .errors());
  }

  /** A condition that several routes have is one question with several answers. */
  @Test
  void routesWithTheSameConditionFireTogether() {
    CompiledRoutes routes =
        compile(
                "FROM /messages/* WHERE line = 'l1' INTO $upstream",
                "FROM /* WHERE line='l1' INTO Topic('t')",
                "FROM /* WHERE line = 'l2' INTO Topic('u')")
            .routes();
    assertEquals(2, routes.match(MessageSource.DEVICE, MESSAGE).size());
  }
}
