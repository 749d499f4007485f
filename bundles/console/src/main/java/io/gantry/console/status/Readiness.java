package io.gantry.console.status;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.session.Listener;
import io.gantry.spi.store.QueueStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether the gateway does its work: it listens, and the first deployment after the start was
 * carried out, well or badly.
 *
 * @param endpoints addresses by protocol, those of the console among them
 * @param waiting what is not there yet
 * @param problems why a listener will not come by waiting
 * @param warnings what a person should know although the gateway works
 */
public record Readiness(
    Map<String, String> endpoints,
    List<String> waiting,
    List<String> problems,
    List<String> warnings) {

  /** The code of {@code lastDesiredStatus} until a deployment was tried (IoT Edge: unknown). */
  private static final int UNKNOWN = 406;

  private static final String UNHEALTHY = "unhealthy";

  /** Nothing is awaited and nothing that has to listen has a problem. */
  public boolean ready() {
    return waiting.isEmpty() && problems.isEmpty();
  }

  /** Reads it from the services, at a time. */
  public static Readiness of(Gateway gateway, Instant now) {
    Map<String, String> endpoints = new LinkedHashMap<>();
    List<String> waiting = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    problems.addAll(gateway.failures());
    if (gateway.isStarting()) {
      // A listener that nobody has heard of yet may be among them.
      waiting.add("framework: bundles of the runtime are being started");
    }
    listeners(gateway.listeners(), endpoints, waiting, problems, warnings);
    Gateway.WebAddress web = gateway.web();
    web.url().ifPresent(url -> endpoints.put("console", url));
    web.problem().ifPresent(problem -> warnings.add("console: " + problem));
    deployments(gateway.deployments(), waiting, warnings);
    gateway
        .dropIns()
        .ifPresent(
            dropIns ->
                new TreeMap<>(dropIns.problems())
                    .forEach((file, text) -> warnings.add("drop-in " + file + ": " + text)));
    gateway
        .store()
        .map(QueueStore::status)
        .flatMap(status -> status.problem())
        .ifPresent(problem -> warnings.add("store: " + problem));
    gateway
        .store()
        .map(QueueStore::status)
        .ifPresent(status -> status.warnings().forEach(text -> warnings.add("store: " + text)));
    gateway
        .certificates()
        .ifPresent(certificates -> warnings.addAll(CertificateFacts.warnings(certificates, now)));
    return new Readiness(endpoints, waiting, problems, warnings);
  }

  private static void listeners(
      List<Listener> listeners,
      Map<String, String> endpoints,
      List<String> waiting,
      List<String> problems,
      List<String> warnings) {
    if (listeners.isEmpty()) {
      waiting.add("listener: none is there yet");
    }
    for (Listener listener : listeners) {
      Optional<String> problem = listener.problem();
      Optional<String> endpoint = listener.endpoint();
      if (problem.isPresent()) {
        (listener.required() ? problems : warnings).add(listener.protocol() + ": " + problem.get());
      } else if (endpoint.isPresent()) {
        endpoints.put(listener.protocol(), endpoint.get());
      } else {
        waiting.add(listener.protocol() + ": does not listen yet");
      }
    }
  }

  private static void deployments(
      Optional<Deployments> deployments, List<String> waiting, List<String> warnings) {
    if (deployments.isEmpty()) {
      waiting.add("agent: not started yet");
      return;
    }
    if (lastCode(deployments.get().reported()) == UNKNOWN) {
      waiting.add("agent: the deployment is being carried out");
    }
    for (ModuleReport module : deployments.get().modules()) {
      module
          .lastError()
          .or(() -> unhealthy(module))
          .ifPresent(
              error ->
                  warnings.add("module " + module.name() + ": " + module.status() + ": " + error));
    }
  }

  private static Optional<String> unhealthy(ModuleReport module) {
    return module.status().equals(UNHEALTHY) ? Optional.of(module.description()) : Optional.empty();
  }

  /** The code that the agent reports; 200 when it reports none. */
  private static int lastCode(String reported) {
    try {
      JsonObject status =
          JsonParser.parseString(reported).getAsJsonObject().getAsJsonObject("lastDesiredStatus");
      return status == null || !status.has("code") ? 200 : status.get("code").getAsInt();
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      return 200;
    }
  }
}
