package io.gantry.console.component;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * Finds components of the runtime that Declarative Services could not activate, mostly because of a
 * value in the configuration. They do not come back by waiting, and nobody else tells: the log
 * does, but who starts a gateway looks at the terminal. Any thread.
 */
public final class ComponentFailures {

  private static final String OURS = "io.gantry.";
  private static final String OTHERS_FAULT = "Unable to get service for reference";
  private static final String CAUSE = "Caused by: ";

  private final ServiceComponentRuntime runtime;
  private final Bundle[] bundles;

  /**
   * @param bundles where to look: ours are taken, modules are not, which the agent watches
   */
  public ComponentFailures(ServiceComponentRuntime runtime, Bundle... bundles) {
    this.runtime = runtime;
    this.bundles =
        Arrays.stream(bundles)
            .filter(bundle -> String.valueOf(bundle.getSymbolicName()).startsWith(OURS))
            .toArray(Bundle[]::new);
  }

  /** One sentence for each. */
  public List<String> find() {
    List<String> failures = new ArrayList<>();
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundles)) {
      for (ComponentConfigurationDTO instance : runtime.getComponentConfigurationDTOs(component)) {
        if (instance.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
          String cause = cause(String.valueOf(instance.failure));
          // The fault of another component, which is found as well.
          if (!cause.startsWith(OTHERS_FAULT)) {
            failures.add(text(component, cause));
          }
        }
      }
    }
    return failures;
  }

  private static String text(ComponentDescriptionDTO component, String cause) {
    String[] pids = component.configurationPid == null ? new String[0] : component.configurationPid;
    return "the configuration "
        + String.join(", ", pids)
        + " cannot be used: "
        + cause
        + "; correct it in conf/gantry.json and start again";
  }

  /** Of the stack trace in the DTO: the root cause without its type. */
  private static String cause(String trace) {
    String root =
        trace
            .lines()
            .filter(line -> line.startsWith(CAUSE))
            .reduce((earlier, later) -> later)
            .map(line -> line.substring(CAUSE.length()))
            .orElseGet(() -> trace.lines().findFirst().orElse("no reason given"));
    int type = root.indexOf(": ");
    return type > 0 && root.lastIndexOf(' ', type - 1) < 0 ? root.substring(type + 2) : root;
  }
}
