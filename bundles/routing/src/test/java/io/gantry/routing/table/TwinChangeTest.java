package io.gantry.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code TWIN_CHANGE_INCLUDES}, which IoT Edge understands and never lets apply. */
class TwinChangeTest {

  private static final Message CHANGE =
      Message.json(
          "{\"properties\":{\"reported\":{\"door\":\"open\",\"lamp\":{\"on\":true},\"gone\":null}}}");

  private static CompiledRoutes.Result compile(String source, String condition) {
    String text = "FROM " + source + " WHERE " + condition + " INTO $upstream";
    return CompiledRoutes.compile(RouteSet.of(List.of(new RouteDefinition("r", text))));
  }

  private static boolean fires(String condition, Message message) {
    CompiledRoutes.Result compiled = compile("/twinChangeNotifications", condition);
    assertEquals(List.of(), compiled.errors());
    return !compiled.routes().match(MessageSource.TWIN_CHANGE, message).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "twin_change_includes(properties.reported.door), true",
    "TWIN_CHANGE_INCLUDES('properties.reported.door'), true",
    "TWIN_CHANGE_INCLUDES(properties.reported.lamp), true",
    "TWIN_CHANGE_INCLUDES(properties.reported.lamp.on), true",
    "TWIN_CHANGE_INCLUDES(properties.reported.gone), true",
    "TWIN_CHANGE_INCLUDES(properties.reported.other), false",
    "TWIN_CHANGE_INCLUDES(properties.reported.door.x), false",
    "NOT TWIN_CHANGE_INCLUDES(properties.reported.other), true",
    "TWIN_CHANGE_INCLUDES(properties.reported.door) AND $body.properties.reported.door = 'open', true"
  })
  void aChangeIncludesWhatItSaysSomethingOf(String condition, boolean expected) {
    assertEquals(expected, fires(condition, CHANGE));
  }

  @Test
  void aBodyThatCannotBeReadIncludesNothingAndExcludesNothing() {
    Message unreadable = Message.of(Payload.ofText("{}"));
    assertEquals(false, fires("TWIN_CHANGE_INCLUDES(a)", unreadable));
    assertEquals(false, fires("NOT TWIN_CHANGE_INCLUDES(a)", unreadable));
  }

  @Test
  void itIsExplainedLikeAnyOtherTerm() {
    CompiledRoutes routes =
        compile("/twinChangeNotifications", "TWIN_CHANGE_INCLUDES(properties.reported.other)")
            .routes();
    assertEquals(
        List.of("TWIN_CHANGE_INCLUDES(properties.reported.other) is false"),
        routes.explain("r", MessageSource.TWIN_CHANGE, CHANGE).orElseThrow().reasons());
    List<String> reasons =
        routes
            .explain("r", MessageSource.TWIN_CHANGE, Message.of(Payload.ofText("{}")))
            .orElseThrow()
            .reasons();
    assertTrue(reasons.get(1).startsWith("$body cannot be read"), reasons.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "/messages/*, TWIN_CHANGE_INCLUDES(a)",
    "/*, TWIN_CHANGE_INCLUDES(a)",
    "/twinChangeNotifications, TWIN_CHANGE_INCLUDES(3)",
    "/twinChangeNotifications, TWIN_CHANGE_INCLUDES()",
    "/twinChangeNotifications, TWIN_CHANGE_INCLUDES('a..b')"
  })
  void whereItMeansNothingItIsRefused(String source, String condition) {
    String error = compile(source, condition).errors().get(0).text();
    assertTrue(error.startsWith("expected "), error);
  }
}
