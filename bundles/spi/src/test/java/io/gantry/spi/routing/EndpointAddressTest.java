package io.gantry.spi.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndpointAddressTest {

  /** Queues on disk are named by the id: what was written must be found again. */
  @Test
  void anAddressIsReadBackFromItsId() {
    assertEquals(Optional.of(new Upstream()), EndpointAddress.parse("$upstream"));
    ModuleInput input = new ModuleInput("filter", "in1");
    assertEquals("modules/filter/inputs/in1", input.id());
    assertEquals(Optional.of(input), EndpointAddress.parse(input.id()));
  }

  @Test
  void otherTextsAreNoAddresses() {
    assertEquals(Optional.empty(), EndpointAddress.parse("modules/filter"));
    assertEquals(Optional.empty(), EndpointAddress.parse("upstream"));
    assertThrows(IllegalArgumentException.class, () -> new ModuleInput("a/b", "in1"));
    assertThrows(IllegalArgumentException.class, () -> new ModuleInput("a", ""));
  }
}
