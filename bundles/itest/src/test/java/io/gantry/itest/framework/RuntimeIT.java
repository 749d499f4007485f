package io.gantry.itest.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Payload;
import java.util.ArrayList;
import java.util.List;
import javax.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;

@ExtendWith(InFramework.class)
class RuntimeIT {

  @Inject private BundleContext context;
  @Inject private ConfigurationAdmin configurationAdmin;
  private List<String> prepared = List.of();

  @BeforeEach
  void prepare() {
    prepared = List.of("before each");
  }

  /** Modules are not meant: the agent is still busy with them. */
  @Test
  void everyBundleThatShipsIsActive() {
    List<String> active = new ArrayList<>();
    List<String> notActive = new ArrayList<>();
    for (Bundle bundle : context.getBundles()) {
      boolean fragment = bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
      if (bundle.getLocation().startsWith("reference:") && !fragment) {
        (bundle.getState() == Bundle.ACTIVE ? active : notActive).add(bundle.toString());
      }
    }
    assertEquals(List.of(), notActive);
    assertTrue(active.toString().contains("io.gantry.hub"), active::toString);
  }

  @Test
  void aTestRunsInsideOnAnInstanceOfItsOwn() {
    assertEquals(List.of("before each"), prepared, "before each runs on the same instance");
    assertNotNull(configurationAdmin, "services are injected");
    assertNotNull(FrameworkUtil.getBundle(RuntimeIT.class), "the class comes from a bundle");
    assertEquals(
        "io.gantry.api",
        FrameworkUtil.getBundle(Payload.class).getSymbolicName(),
        "our classes are those of the shipped bundles");
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "two"})
  void parametersComeIn(String word) {
    assertTrue(word.equals("one") || word.equals("two"));
  }

  @Test
  void aFailedAssertionIsOneForJUnitOutside() {
    // Thrown by a class of this bundle, caught as the class that JUnit outside knows.
    assertThrows(AssertionFailedError.class, () -> assertEquals(1, 2));
  }
}
