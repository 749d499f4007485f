package io.gantry.spi.module;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleLocationTest {

  @Test
  void aLocationIsReadBackFromItsText() {
    ModuleLocation location = new ModuleLocation("filter", 7);
    assertEquals(Optional.of(location), ModuleLocation.parse(location.toString()));
  }

  /** Whatever is not exactly our form must not become a module: the location is its identity. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "reference:file:a.jar",
        "gantry:module/filter",
        "gantry:module/a/b/1",
        "gantry:module//1",
        "gantry:module/filter/1x",
        "gantry:module/filter/99999999999999999999",
        "xgantry:module/filter/1"
      })
  void otherLocationsAreNoModules(String location) {
    assertEquals(Optional.empty(), ModuleLocation.parse(location));
  }
}
