package io.gantry.agent.manifest;

import com.google.gson.JsonElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a deployment manifest: either the whole ({@code modulesContent}, with layers if wanted) or
 * the bare pair of {@code $edgeAgent} and {@code $edgeHub}. All errors are found in one reading.
 */
public final class ManifestReader {

  /** Longest manifest, in characters. */
  public static final int LONGEST = 1 << 20;

  private static final String[] ROLLBACK = {"off", "automatic"};
  private static final long USUAL_WINDOW_SECS = 60;
  private static final long LONGEST_WINDOW_SECS = 3600;
  private static final int MOST_MODULES = 50;

  private ManifestReader() {}

  /** Reads it; whatever the text is, the answer is a value. */
  public static ParsedManifest read(String text) {
    if (text.length() > LONGEST) {
      return malformed(
          "manifest: expected at most " + LONGEST + " characters, found " + text.length());
    }
    if (text.isBlank()) {
      return empty("manifest");
    }
    try {
      return read(JsonTree.parse(text));
    } catch (JsonSyntaxError e) {
      return malformed("manifest, " + e.getMessage());
    }
  }

  private static ParsedManifest read(JsonElement json) {
    Problems problems = new Problems();
    if (!Node.root("manifest", json, problems).requireObject()) {
      return malformed(problems);
    }
    if (Envelope.isEmpty(json.getAsJsonObject())) {
      return empty("manifest");
    }
    Envelope twins = Envelope.open(json.getAsJsonObject(), problems);
    Optional<String> hub = twins.hub().object().map(JsonElement::toString);
    Node agent = twins.agent();
    if (!agent.requireObject() || hub.isEmpty()) {
      return malformed(problems);
    }
    if (agent.children().isEmpty()) {
      return empty(agent.path());
    }
    Optional<String> version = SchemaVersion.error(agent.child("schemaVersion"));
    return version.isPresent()
        ? new Rejected(Rejected.SCHEMA_VERSION, List.of(version.get()))
        : deployment(twins, hub.get(), problems);
  }

  private static ParsedManifest deployment(Envelope twins, String hub, Problems problems) {
    Node agent = twins.agent();
    RuntimeSection runtime = runtime(agent.child("runtime"));
    SortedMap<String, DeclaredModule> modules = modules(agent.child("modules"));
    SortedMap<String, String> moduleDesired = moduleDesired(twins.modules(), modules.keySet());
    Optional<Duration> rollback = rollback(agent);
    Integrity.check(agent.child("integrity"));
    Integrity.check(twins.hub().child("integrity"));
    TwinRules.warnOfSize(agent);
    TwinRules.warnOfSize(twins.hub());
    Node system = agent.child("systemModules");
    if (!system.requireObject()) {
      return malformed(problems);
    }
    Node edgeAgent = system.child("edgeAgent");
    Node edgeHub = system.child("edgeHub");
    if (!edgeAgent.requireObject() | !edgeHub.requireObject()) {
      return malformed(problems);
    }
    SystemModule declaredAgent = ModuleReader.systemModule(edgeAgent, true, "azureiotedge-agent");
    SystemModule declaredHub = ModuleReader.systemModule(edgeHub, false, "azureiotedge-hub");
    return problems.errors().isEmpty()
        ? new Deployment(
            runtime,
            declaredAgent,
            declaredHub,
            modules,
            hub,
            moduleDesired,
            rollback,
            problems.warnings())
        : malformed(problems);
  }

  private static SortedMap<String, String> moduleDesired(
      Map<String, Node> twins, Set<String> declared) {
    SortedMap<String, String> byModule = new TreeMap<>();
    twins.forEach(
        (module, desired) -> {
          if (declared.contains(module)) {
            TwinRules.desired(desired).ifPresent(json -> byModule.put(module, json.toString()));
          } else {
            desired.warn("has no effect, no module of this name is declared");
          }
        });
    return byModule;
  }

  /** An extension of ours: whether, and for how long, a new version has to prove itself. */
  private static Optional<Duration> rollback(Node agent) {
    Node rollback = agent.child("rollback");
    Node window = agent.child("rollbackWindowSecs");
    boolean isAutomatic =
        !rollback.isMissing()
            && rollback.word(ROLLBACK, word -> word, ROLLBACK[0]).equals(ROLLBACK[1]);
    long seconds =
        window.isMissing()
            ? USUAL_WINDOW_SECS
            : window.wholeNumber(1, LONGEST_WINDOW_SECS, USUAL_WINDOW_SECS);
    if (!window.isMissing() && !isAutomatic) {
      window.warn("has no effect, rollback is off");
    }
    return isAutomatic ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty();
  }

  private static RuntimeSection runtime(Node runtime) {
    if (!runtime.requireObject()) {
      return new RuntimeSection("", Optional.empty(), Optional.empty(), List.of());
    }
    Node settings = runtime.child("settings");
    settings.objectIfPresent();
    return new RuntimeSection(
        ModuleReader.type(runtime),
        settings.child("minDockerVersion").optionalText(),
        settings.child("loggingOptions").optionalText(),
        credentials(settings.child("registryCredentials")));
  }

  private static List<RegistryCredential> credentials(Node node) {
    List<RegistryCredential> credentials = new ArrayList<>();
    if (node.objectIfPresent()) {
      for (Node login : node.children()) {
        if (login.requireObject()) {
          credentials.add(credential(login));
        }
      }
    }
    return credentials;
  }

  /** A bearer token in the place of user and password is an extension of ours. */
  private static RegistryCredential credential(Node login) {
    String address = login.child("address").requiredText();
    ModuleReader.hasLogin(login.child("address"), address + "/");
    Node token = login.child("token");
    if (token.isAbsent()) {
      String username = login.child("username").requiredText();
      String password = login.child("password").requiredText();
      return new RegistryCredential(login.name(), address, Optional.of(username), password);
    }
    for (Node other : List.of(login.child("username"), login.child("password"))) {
      if (!other.isAbsent()) {
        other.refuse("nothing beside a token");
      }
    }
    return new RegistryCredential(login.name(), address, Optional.empty(), token.requiredText());
  }

  private static SortedMap<String, DeclaredModule> modules(Node node) {
    SortedMap<String, DeclaredModule> modules = new TreeMap<>();
    if (node.objectIfPresent()) {
      for (Node module : node.children()) {
        if (module.requireObject()) {
          modules.put(module.name(), ModuleReader.module(module));
        }
      }
    }
    if (modules.size() > MOST_MODULES) {
      node.warn(
          "an IoT Hub would refuse it, "
              + modules.size()
              + " modules are more than the "
              + MOST_MODULES
              + " of an automatic deployment");
    }
    return modules;
  }

  private static Rejected malformed(Problems problems) {
    return new Rejected(Rejected.MALFORMED, problems.errors());
  }

  private static Rejected malformed(String error) {
    return new Rejected(Rejected.MALFORMED, List.of(error));
  }

  private static Rejected empty(String path) {
    return new Rejected(
        Rejected.EMPTY, List.of(path + ": expected a deployment manifest, found no configuration"));
  }
}
