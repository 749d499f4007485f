package io.gantry.security.name;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {

  @Test
  void namesAreInLowerCaseOnceEachAndTheHostNameFirst() {
    HostNames names =
        HostNames.of("Gateway1.Plant", List.of("gateway1.plant", "LOCALHOST", "10.0.0.5"));

    assertEquals("gateway1.plant", names.hostName());
    assertEquals(
        List.of("gateway1.plant", "localhost", "127.0.0.1", "10.0.0.5"), List.copyOf(names.all()));
  }

  @Test
  void withoutAConfiguredNameTheMachinesIsTaken() {
    HostNames names = HostNames.of("", List.of());

    assertTrue(HostNames.isValid(names.hostName()), names.hostName());
    assertTrue(names.all().containsAll(List.of(names.hostName(), "localhost", "127.0.0.1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gw", "gw-1.plant.example", "my_gateway", "10.0.0.5", "7gw"})
  void namesAndAddressesAreTaken(String name) {
    assertEquals(name, HostNames.of(name, List.of()).hostName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "-gw",
        "gw-",
        "gw..plant",
        "gw.",
        "300.1.1.1",
        "1.2.3",
        "gw,O=x",
        "ü",
        ":::"
      })
  void whatIsNoNameIsRefused(String name) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> HostNames.of("", List.of(name)));

    assertEquals(
        "names: expected a host name or an IP address, found '" + name + "'", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"::1, 0:0:0:0:0:0:0:1", "FE80::A, fe80:0:0:0:0:0:0:a", "10.0.0.5, 10.0.0.5"})
  void anAddressIsWrittenInOneWay(String address, String normal) {
    assertEquals(normal, HostNames.of(address, List.of()).hostName());
  }

  @Test
  void addressesAreToldFromNamesWithoutAskingAnybody() {
    assertArrayEquals(new byte[] {10, 0, 0, (byte) 255}, Address.bytes("10.0.0.255"));
    assertEquals(16, Address.bytes("fe80::1").length);
    assertFalse(Address.isOne("localhost"));
    assertFalse(Address.isOne("10.0.0.256"));
    assertFalse(Address.isOne("10.0.0"));
    assertThrows(IllegalArgumentException.class, () -> Address.bytes("localhost"));
  }
}
