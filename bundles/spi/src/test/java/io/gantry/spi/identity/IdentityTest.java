package io.gantry.spi.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {

  @Test
  void theIdIsTheMqttClientId() {
    assertEquals("thermo1", new DeviceIdentity("thermo1").id());
    assertEquals("gateway/filter", new ModuleIdentity("gateway", "filter").id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a-b:c.d+e%f_g#h*i?j!k(l)m,n=o@p;q$r's", "$edgeHub", "7"})
  void theCharactersOfIotHubAreAllowed(String id) {
    assertEquals(id, new DeviceIdentity(id).deviceId());
  }

  /** A slash would make a module of a device; control characters would forge log lines. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "a b", "a\nb", "\u00e4", "\u0000"})
  void otherCharactersAreRefused(String id) {
    assertThrows(IllegalArgumentException.class, () -> new DeviceIdentity(id));
    assertThrows(IllegalArgumentException.class, () -> new ModuleIdentity("gateway", id));
  }

  @Test
  void anIdHasAtMost128Characters() {
    assertEquals(128, new DeviceIdentity("x".repeat(128)).id().length());
    assertThrows(IllegalArgumentException.class, () -> new DeviceIdentity("x".repeat(129)));
  }
}
