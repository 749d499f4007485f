package io.gantry.spi.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HopsTest {

  private static final Message FRESH = Message.of(Payload.EMPTY);

  @Test
  void eachHandingOnCounts() {
    assertEquals(0, Hops.of(FRESH));
    assertEquals(1, Hops.of(Hops.next(FRESH)));
    assertEquals(2, Hops.of(Hops.next(Hops.next(FRESH))));
  }

  /** Whatever a module writes there, a circle comes to its end. */
  @ParameterizedTest
  @CsvSource({"many", "-1", "''", "1234567", "\u0661", "999999"})
  void whatIsNoNumberCountsAsVeryOftenAndStaysSo(String hops) {
    Message message = FRESH.withSystemProperty(SystemProperty.HOPS, hops);
    assertEquals(999_999, Hops.of(message));
    assertEquals(999_999, Hops.of(Hops.next(message)));
  }
}
