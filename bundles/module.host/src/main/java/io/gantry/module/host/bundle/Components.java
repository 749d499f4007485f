package io.gantry.module.host.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Looks at how the Declarative Services components of a bundle are doing. Any thread. */
public final class Components {

  private final ServiceComponentRuntime runtime;

  /**
   * How a bundle's components are doing.
   *
   * @param failure why a component could not be activated
   * @param pending immediate components that could be active and are not yet
   * @param waiting what components wait for; no failure, for it may still come
   */
  public record Health(Optional<String> failure, List<String> pending, Optional<String> waiting) {}

  public Components(ServiceComponentRuntime runtime) {
    this.runtime = runtime;
  }

  /** The bundle's components now. */
  public Health of(Bundle bundle) {
    Optional<String> failure = Optional.empty();
    List<String> pending = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle)) {
      for (ComponentConfigurationDTO instance : runtime.getComponentConfigurationDTOs(component)) {
        switch (instance.state) {
          case ComponentConfigurationDTO.FAILED_ACTIVATION ->
              failure = failure.or(() -> Optional.of(failure(component, instance)));
          case ComponentConfigurationDTO.SATISFIED -> {
            if (component.immediate && component.factory == null) {
              pending.add(component.name);
            }
          }
          case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION ->
              waiting.add(
                  "component "
                      + component.name
                      + " waits for its configuration "
                      + String.join(", ", component.configurationPid));
          case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
              waiting.add(waiting(component, instance));
          default -> {}
        }
      }
    }
    return new Health(
        failure,
        pending,
        waiting.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", waiting)));
  }

  /**
   * The DTO holds a whole stack trace; its first line and the root cause say what a person needs.
   */
  private static String failure(
      ComponentDescriptionDTO component, ComponentConfigurationDTO instance) {
    String trace = String.valueOf(instance.failure);
    String first = trace.lines().findFirst().orElse("no reason given").strip();
    String cause =
        trace
            .lines()
            .filter(line -> line.startsWith("Caused by: "))
            .reduce((earlier, later) -> later)
            .map(line -> line.substring("Caused by: ".length()))
            .orElse(first);
    return "component " + component.name + " could not be activated: " + cause;
  }

  private static String waiting(
      ComponentDescriptionDTO component, ComponentConfigurationDTO instance) {
    List<String> services = new ArrayList<>();
    for (UnsatisfiedReferenceDTO missing : instance.unsatisfiedReferences) {
      services.add(
          Arrays.stream(component.references)
              .filter(reference -> reference.name.equals(missing.name))
              .map(reference -> reference.interfaceName)
              .findFirst()
              .orElse(missing.name));
    }
    return "component " + component.name + " waits for the service " + String.join(", ", services);
  }
}
