package io.gantry.agent.manifest;

import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a deployment manifest: either the whole ({@code modulesContent}, with layers if wanted) or
 * the bare pair of {@code $edgeAgent} and {@code $edgeHub}. All errors are found in one reading.
 */
public final class ManifestReader {

  /** Longest manifest, in characters. */
  public static final int LONGEST = 1 << 20;

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
        : deployment(agent, hub.get(), problems);
  }

  private static ParsedManifest deployment(Node agent, String hub, Problems problems) {
    RuntimeSection runtime = runtime(agent.child("runtime"));
    SortedMap<String, DeclaredModule> modules = modules(agent.child("modules"));
    if (!agent.child("integrity").isAbsent()) {
      agent.child("integrity").warn("has no effect, signatures of manifests are not checked");
    }
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
        ? new Deployment(runtime, declaredAgent, declaredHub, modules, hub, problems.warnings())
        : malformed(problems);
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
          credentials.add(
              new RegistryCredential(
                  login.name(),
                  login.child("address").requiredText(),
                  login.child("username").requiredText(),
                  login.child("password").requiredText()));
        }
      }
    }
    if (!credentials.isEmpty()) {
      node.warn("has no effect yet, repositories are asked without a login");
    }
    return credentials;
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
