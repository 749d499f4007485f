package io.gantry.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteExplanationTest {

  private static final Message MESSAGE =
      Message.json("{\"t\":21,\"ok\":true,\"a\":{\"b\":[1,2]}}")
          .withProperty("level", "abc")
          .withProperty("line", "north");

  private static RouteExplanation explain(String route, Message message) {
    return explain(route, MessageSource.DEVICE, message).orElseThrow();
  }

  private static Optional<RouteExplanation> explain(String text, String source, Message message) {
    CompiledRoutes.Result compiled =
        CompiledRoutes.compile(RouteSet.of(List.of(new RouteDefinition("r", text))));
    assertEquals(List.of(), compiled.errors());
    return compiled.routes().explain("r", source, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '^',
      value = {
        "line = 'north' => true => line = 'north' is true: line is 'north'",
        "line = 'south' => false => line = 'south' is false: line is 'north'",
        "none = 'x' => false => none = 'x' is undefined: none is undefined",
        "AS_NUMBER(level) > 3 => false => AS_NUMBER(level) > 3 is undefined: AS_NUMBER(level) is"
            + " undefined, level is 'abc'",
        "line = 'north' AND $body.t > 25 => false => $body.t > 25 is false: $body.t is 21",
        "line = 'south' OR $body.t > 20 => true => $body.t > 20 is true: $body.t is 21",
        "NOT ($body.ok AND line = 'north') => false => $body.ok is true | line = 'north' is true:"
            + " line is 'north'",
        "line = 'x' OR $body.a.b[1] = 3 => false => line = 'x' is false: line is 'north' |"
            + " $body.a.b[1] = 3 is false: $body.a.b[1] is 2",
        "$body.missing = 1 => false => $body.missing = 1 is false: $body.missing is not there",
        "(1 + $body.t) * 2 = 44 => true => (1 + $body.t) * 2 = 44 is true: $body.t is 21",
        "is_defined($connectionModuleId) => false => is_defined($connectionModuleId) is false:"
            + " $connectionModuleId is undefined",
      })
  void theTermsThatDecidedAreNamedWithWhatTheyMet(String condition, boolean fires, String reasons) {
    RouteExplanation explanation =
        explain("FROM /messages/* WHERE " + condition + " INTO $upstream", MESSAGE);
    assertEquals(List.of(reasons.split(" \\| ")), explanation.reasons());
    assertEquals(fires, explanation.fires());
  }

  /** By far the most common reason. */
  @Test
  void aBodyWithoutContentTypeIsSaidToBeTheReason() {
    RouteExplanation explanation =
        explain(
            "FROM /messages/* WHERE $body.t > 20 INTO $upstream",
            Message.of(Payload.ofText("{\"t\":21}"))
                .withSystemProperty(SystemProperty.CONTENT_TYPE, "application/json"));
    assertEquals(
        List.of(
            "$body.t > 20 is undefined: $body.t is undefined",
            "$body cannot be read: expected $contentType application/json and $contentEncoding"
                + " utf-8, utf-16 or utf-32, found 'application/json' and none"),
        explanation.reasons());
  }

  @Test
  void aBodyThatIsNoJsonObjectIsSaidToBeTheReason() {
    RouteExplanation explanation =
        explain("FROM /messages/* WHERE $body.t > 20 INTO $upstream", Message.json("[1"));
    assertEquals(
        "$body cannot be read: expected a JSON object of at most 64 levels",
        explanation.reasons().get(1));
  }

  @Test
  void aMessageFromElsewhereIsToldWhereTheRouteBegins() {
    RouteExplanation explanation =
        explain("FROM /messages/modules/filter/outputs/* INTO $upstream", MESSAGE);
    assertEquals(
        List.of(
            "the message comes from /messages, the route takes what comes from"
                + " /messages/modules/filter/outputs"),
        explanation.reasons());
  }

  @Test
  void aRouteWithoutConditionFires() {
    RouteExplanation explanation = explain("FROM /* INTO $upstream", MESSAGE);
    assertTrue(explanation.fires());
    assertEquals(List.of("the route has no condition"), explanation.reasons());
  }

  @Test
  void aRouteThatIsNotThereHasNoExplanation() {
    assertEquals(Optional.empty(), CompiledRoutes.NONE.explain("r", MessageSource.DEVICE, MESSAGE));
  }
}
