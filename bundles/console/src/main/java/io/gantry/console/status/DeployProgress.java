package io.gantry.console.status;

import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.ModuleReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What changes while a deployment is carried out: compares how the modules are with how they were
 * when it was asked last. Of one thread.
 */
public final class DeployProgress {

  private static final String GONE = ": removed";

  /** Statuses that the description says in other words. */
  private static final Set<String> IN_SENTENCES = Set.of("unknown", "downloading", "stopped");

  private final Deployments deployments;
  private final Map<String, String> seen;
  private final Map<String, String> changed = new LinkedHashMap<>();
  private String pending;

  /** Begins with how it is now. */
  public DeployProgress(Deployments deployments) {
    this.deployments = deployments;
    this.seen = modules();
    this.pending = pending();
  }

  /** One line for each thing that has changed since it was asked last. */
  public List<String> changes() {
    List<String> lines = new ArrayList<>();
    String nowPending = pending();
    if (!nowPending.equals(pending)) {
      pending = nowPending;
      if (!pending.isEmpty()) {
        lines.add(pending);
      }
    }
    Map<String, String> now = modules();
    Set<String> gone = new HashSet<>(seen.keySet());
    gone.removeAll(now.keySet());
    now.forEach(
        (name, line) -> {
          if (!line.equals(seen.put(name, line))) {
            lines.add(note(name, line));
          }
        });
    for (String name : gone) {
      seen.remove(name);
      lines.add(note(name, name + GONE));
    }
    return lines;
  }

  private String note(String name, String line) {
    changed.remove(name);
    changed.put(name, line);
    return line;
  }

  /** All that has changed since the beginning in one line, the newest first; empty if nothing. */
  public String summary() {
    List<String> parts = new ArrayList<>();
    changed.values().forEach(line -> parts.add(0, line));
    if (parts.isEmpty() && !pending.isEmpty()) {
      parts.add(pending);
    }
    return String.join("; ", parts);
  }

  private Map<String, String> modules() {
    Map<String, String> lines = new TreeMap<>();
    for (ModuleReport module : deployments.modules()) {
      String version = module.version().map(number -> " " + number).orElse("");
      String line = module.name() + version + ": " + status(module);
      lines.put(PlainText.escaped(module.name()), PlainText.escaped(line));
    }
    return lines;
  }

  /** What there is to say about it, behind its status where that says more. */
  private static String status(ModuleReport module) {
    String description = module.description();
    if (description.isBlank()) {
      return module.status();
    }
    return IN_SENTENCES.contains(module.status()) || description.startsWith(module.status())
        ? description
        : module.status() + ", " + description;
  }

  private String pending() {
    return deployments.history().stream()
        .filter(record -> record.state() == DeploymentRecord.State.PENDING)
        .filter(record -> !record.description().isEmpty())
        .map(record -> "deployment " + record.number() + ": " + record.description())
        .map(PlainText::escaped)
        .findFirst()
        .orElse("");
  }
}
