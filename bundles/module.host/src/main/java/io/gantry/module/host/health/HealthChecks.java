package io.gantry.module.host.health;

import io.gantry.module.host.health.Verdict.Grade;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionOptions;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * The Felix Health Check services of modules: {@code org.apache.felix.hc.api.HealthCheck}. Felix
 * executes them, each with a time limit, on threads of its own. It knows them by name and tag only,
 * so it is asked for all that could be meant, and what it says of others is left out: another
 * generation of a module has checks of the same names.
 */
public final class HealthChecks {

  private final AtomicReference<@Nullable HealthCheckExecutor> executor = new AtomicReference<>();

  /** From now on this one executes them. */
  public void use(HealthCheckExecutor service) {
    executor.set(service);
  }

  /** The service goes; nothing is executed any more unless another one has come. */
  public void leave(HealthCheckExecutor service) {
    executor.compareAndSet(service, null);
  }

  /** Whether the bundle has registered one. Any thread. */
  public static boolean isAnyOf(Bundle bundle) {
    return !of(bundle).isEmpty();
  }

  private static List<ServiceReference<?>> of(Bundle bundle) {
    ServiceReference<?>[] services = services(bundle);
    return services == null
        ? List.of()
        : Arrays.stream(services).filter(HealthChecks::isCheck).toList();
  }

  private static ServiceReference<?> @Nullable [] services(Bundle bundle) {
    try {
      return bundle.getRegisteredServices();
    } catch (IllegalStateException uninstalled) {
      return null;
    }
  }

  private static boolean isCheck(ServiceReference<?> service) {
    return service.getProperty(Constants.OBJECTCLASS) instanceof String[] types
        && List.of(types).contains(HealthCheck.class.getName());
  }

  /**
   * Executes the checks of these bundles and waits for them. Of a bundle that is not among the keys
   * nothing can be said: nobody is there who executes checks.
   *
   * @param instantly not satisfied with what a check said a moment ago
   */
  public Map<Bundle, Verdict> examine(Collection<Bundle> bundles, boolean instantly) {
    HealthCheckExecutor present = executor.get();
    Map<Bundle, Verdict> verdicts = new HashMap<>();
    if (present == null) {
      return verdicts;
    }
    List<ServiceReference<?>> checks = new ArrayList<>();
    for (Bundle bundle : bundles) {
      verdicts.put(bundle, Verdict.HEALTHY);
      checks.addAll(of(bundle));
    }
    if (checks.isEmpty()) {
      return verdicts;
    }
    HealthCheckExecutionOptions options =
        new HealthCheckExecutionOptions()
            .setCombineTagsWithOr(true)
            .setForceInstantExecution(instantly);
    for (HealthCheckExecutionResult result : present.execute(selector(checks), options)) {
      Bundle bundle = result.getHealthCheckMetadata().getServiceReference().getBundle();
      verdicts.computeIfPresent(bundle, (same, verdict) -> verdict.worse(verdict(result)));
    }
    return verdicts;
  }

  /**
   * All checks there are, when one of these has neither name nor tag: without a tag that none has.
   */
  private static HealthCheckSelector selector(List<ServiceReference<?>> checks) {
    List<String> names = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    for (ServiceReference<?> check : checks) {
      Optional<String> name = selectable(check.getProperty(HealthCheck.NAME));
      Optional<String> tag = selectable(check.getProperty(HealthCheck.TAGS));
      if (name.isEmpty() && tag.isEmpty()) {
        return HealthCheckSelector.tags("-" + HealthChecks.class.getName());
      }
      name.ifPresentOrElse(names::add, () -> tags.add(tag.orElseThrow()));
    }
    return HealthCheckSelector.names(names.toArray(String[]::new))
        .withTags(tags.toArray(String[]::new));
  }

  /** A minus in front would mean: all but this. */
  private static Optional<String> selectable(@Nullable Object property) {
    Object first =
        property instanceof String[] several && several.length > 0 ? several[0] : property;
    return first instanceof String text && !text.isBlank() && !text.strip().startsWith("-")
        ? Optional.of(text)
        : Optional.empty();
  }

  private static Verdict verdict(HealthCheckExecutionResult result) {
    String name = result.getHealthCheckMetadata().getTitle();
    if (result.hasTimedOut()) {
      return new Verdict(
          Grade.UNHEALTHY,
          "health check " + name + " has not answered for " + result.getElapsedTimeInMs() + " ms");
    }
    Result said = result.getHealthCheckResult();
    Grade grade =
        switch (said.getStatus()) {
          case OK, WARN -> Grade.HEALTHY;
          case TEMPORARILY_UNAVAILABLE -> Grade.NOT_YET;
          case CRITICAL, HEALTH_CHECK_ERROR -> Grade.UNHEALTHY;
        };
    return grade == Grade.HEALTHY
        ? Verdict.HEALTHY
        : new Verdict(grade, "health check " + name + " says " + text(said));
  }

  /** What the worst entry says; without any, its status. */
  private static String text(Result result) {
    return StreamSupport.stream(result.spliterator(), false)
        .filter(entry -> entry.getStatus() == result.getStatus())
        .map(HealthChecks::text)
        .filter(text -> !text.isBlank())
        .findFirst()
        .orElse(result.getStatus().name());
  }

  private static String text(ResultLog.Entry entry) {
    Exception thrown = entry.getException();
    return entry.getMessage() + (thrown == null ? "" : ": " + thrown);
  }
}
