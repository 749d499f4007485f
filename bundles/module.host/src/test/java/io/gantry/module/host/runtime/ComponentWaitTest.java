package io.gantry.module.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.module.host.bundle.Components;
import io.gantry.testkit.time.ManualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

class ComponentWaitTest {

  private final ManualTime time = new ManualTime();

  private static <T> T proxy(Class<T> type, Object description, Object configuration) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getName().startsWith("getComponentDescription")
                    ? description
                    : configuration));
  }

  /** With an immediate component that could be active and never is. */
  private static Components pending() {
    ComponentDescriptionDTO component = new ComponentDescriptionDTO();
    component.name = "acme.slow";
    component.immediate = true;
    ComponentConfigurationDTO instance = new ComponentConfigurationDTO();
    instance.state = ComponentConfigurationDTO.SATISFIED;
    return new Components(
        proxy(ServiceComponentRuntime.class, List.of(component), List.of(instance)));
  }

  /** A time server sets the clock of a gateway soon after its start, when its modules start. */
  @ParameterizedTest
  @ValueSource(longs = {-365, 0, 365})
  void aClockThatIsSetNeitherProlongsTheWaitNorEndsIt(long days) {
    ComponentWait wait =
        new ComponentWait(pending(), new OwnerTimer(time, Runnable::run), Duration.ofSeconds(30));
    CompletableFuture<Components.Health> health =
        wait.until(proxy(Bundle.class, "", "")).toCompletableFuture();
    time.advance(Duration.ofSeconds(20));
    time.set(time.instant().plus(Duration.ofDays(days)));
    time.advance(Duration.ofSeconds(9));
    assertFalse(health.isDone());
    time.advance(Duration.ofSeconds(2));
    assertEquals(
        "component acme.slow did not become active within 30 s",
        assertThrows(CompletionException.class, health::join).getCause().getMessage());
    assertEquals(0, time.waiting());
  }
}
