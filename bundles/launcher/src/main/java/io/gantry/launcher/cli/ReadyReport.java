package io.gantry.launcher.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code GET /v1/ready} says in its text form, one fact a line: {@code endpoint NAME URL},
 * {@code waiting TEXT}, {@code problem TEXT}, {@code warning TEXT}. Lines of other kinds are left
 * for later versions.
 *
 * @param ready whether everything that listens does and the first deployment was carried out
 * @param endpoints addresses by protocol
 * @param waiting what is not there yet
 * @param problems what will not come by waiting
 * @param warnings what a person should know although the gateway works
 */
public record ReadyReport(
    boolean ready,
    Map<String, String> endpoints,
    List<String> waiting,
    List<String> problems,
    List<String> warnings) {

  /** Asks the instance. */
  public static ReadyReport ask(Instance instance, int timeoutMillis) throws CommandException {
    Instance.Answer answer = instance.get("/v1/ready", "text/plain", timeoutMillis);
    if (answer.status() != 200 && answer.status() != 503) {
      throw Instance.refused(answer);
    }
    return parse(answer.status() == 200, answer.body());
  }

  static ReadyReport parse(boolean ready, String text) {
    Map<String, String> endpoints = new LinkedHashMap<>();
    Map<String, List<String>> lists = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      if (space < 0) {
        continue;
      }
      String kind = line.substring(0, space);
      String rest = line.substring(space + 1).strip();
      int second = rest.indexOf(' ');
      if (kind.equals("endpoint") && second > 0) {
        endpoints.put(rest.substring(0, second), rest.substring(second + 1));
      } else {
        lists.computeIfAbsent(kind, key -> new ArrayList<>()).add(rest);
      }
    }
    return new ReadyReport(
        ready,
        endpoints,
        lists.getOrDefault("waiting", List.of()),
        lists.getOrDefault("problem", List.of()),
        lists.getOrDefault("warning", List.of()));
  }

  /** The address of a protocol. */
  public Optional<String> endpoint(String protocol) {
    return Optional.ofNullable(endpoints.get(protocol));
  }

  /** The problems and warnings about a subject; a sentence of the caller's when there are none. */
  List<String> about(String subject, String otherwise) {
    List<String> texts = new ArrayList<>(problems);
    texts.addAll(warnings);
    texts.removeIf(text -> !text.startsWith(subject + ":"));
    return texts.isEmpty() ? List.of(otherwise) : texts;
  }
}
