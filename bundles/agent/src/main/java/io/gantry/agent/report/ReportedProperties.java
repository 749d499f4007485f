package io.gantry.agent.report;

import com.google.gson.JsonObject;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.RegistryCredential;
import io.gantry.agent.manifest.RuntimeSection;
import io.gantry.agent.manifest.Secrets;
import io.gantry.agent.manifest.SystemModule;
import io.gantry.agent.restart.ModuleExit;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The reported properties of {@code $edgeAgent}, in the schema of the IoT Edge agent, whose back
 * ends read them. The differences: no password is in them; {@code heartbeat} moves every five
 * minutes while the agent is at work; {@code lastError} and {@code lastRestartReason} of a module
 * say why; {@code origin} tells those modules that were dropped in.
 */
public final class ReportedProperties {

  private static final String SCHEMA_VERSION = "1.0";
  private static final String NEVER = "0001-01-01T00:00:00Z";
  private static final int PIECE = 512;

  private final Build build;
  private final String os;
  private final String architecture;

  /**
   * Of this build on this platform.
   *
   * @param os name of the operating system
   * @param architecture of the processor
   */
  public ReportedProperties(Build build, String os, String architecture) {
    this.build = build;
    this.os = os.toLowerCase(Locale.ROOT);
    this.architecture = architecture;
  }

  /** Of this build on the platform that it runs on. */
  public static ReportedProperties ofThisPlatform(Build build) {
    return new ReportedProperties(
        build, System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /** As JSON. */
  public String json(Snapshot snapshot) {
    JsonObject root = new JsonObject();
    root.addProperty("schemaVersion", SCHEMA_VERSION);
    root.add("version", version());
    root.addProperty("lastDesiredVersion", snapshot.number());
    JsonObject status = new JsonObject();
    status.addProperty("code", snapshot.outcome().code());
    status.addProperty("description", Secrets.hide(snapshot.outcome().description()));
    root.add("lastDesiredStatus", status);
    JsonObject heartbeat = new JsonObject();
    heartbeat.addProperty("lastTimeUtc", snapshot.heartbeat().toString());
    root.add("heartbeat", heartbeat);
    root.add("runtime", runtime(snapshot.deployment().map(Deployment::runtime)));
    root.add("systemModules", systemModules(snapshot));
    JsonObject modules = new JsonObject();
    for (ModuleStatus one : snapshot.modules()) {
      JsonObject module = module(one);
      if (snapshot.isDroppedIn(one)) {
        module.addProperty("origin", "drop-in");
      }
      modules.add(one.name(), module);
    }
    root.add("modules", modules);
    return root.toString();
  }

  private JsonObject version() {
    JsonObject version = new JsonObject();
    version.addProperty("version", build.version());
    version.addProperty("build", build.build());
    version.addProperty("commit", build.commit());
    return version;
  }

  private JsonObject runtime(Optional<RuntimeSection> declared) {
    JsonObject runtime = new JsonObject();
    runtime.addProperty("type", declared.map(RuntimeSection::type).orElse("bundle"));
    declared.ifPresent(section -> runtime.add("settings", settings(section)));
    JsonObject platform = new JsonObject();
    platform.addProperty("os", os);
    platform.addProperty("architecture", architecture);
    platform.addProperty("version", build.version());
    runtime.add("platform", platform);
    return runtime;
  }

  private static JsonObject settings(RuntimeSection section) {
    JsonObject settings = new JsonObject();
    section.minDockerVersion().ifPresent(text -> settings.addProperty("minDockerVersion", text));
    section
        .loggingOptions()
        .ifPresent(text -> settings.addProperty("loggingOptions", Masking.json(text)));
    if (!section.credentials().isEmpty()) {
      JsonObject logins = new JsonObject();
      section.credentials().forEach(login -> logins.add(login.id(), login(login)));
      settings.add("registryCredentials", logins);
    }
    return settings;
  }

  private static JsonObject login(RegistryCredential credential) {
    JsonObject login = new JsonObject();
    login.addProperty("address", Secrets.hide(credential.address()));
    credential.username().ifPresent(user -> login.addProperty("username", user));
    return login;
  }

  private static JsonObject systemModules(Snapshot snapshot) {
    JsonObject modules = new JsonObject();
    snapshot
        .deployment()
        .ifPresent(
            deployment -> {
              modules.add("edgeAgent", systemModule(deployment.edgeAgent(), snapshot));
              JsonObject hub = systemModule(deployment.edgeHub(), snapshot);
              hub.addProperty("status", deployment.edgeHub().status().word());
              hub.addProperty("restartPolicy", deployment.edgeHub().restartPolicy().word());
              hub.addProperty("restartCount", 0);
              hub.addProperty("lastRestartTimeUtc", NEVER);
              startupOrder(hub, deployment.edgeHub().startupOrder());
              modules.add("edgeHub", hub);
            });
    return modules;
  }

  private static JsonObject systemModule(SystemModule declared, Snapshot snapshot) {
    JsonObject module = new JsonObject();
    module.addProperty("type", declared.type());
    module.addProperty("exitCode", 0);
    module.addProperty("statusDescription", snapshot.runs() ? "running" : "");
    module.addProperty("lastStartTimeUtc", snapshot.startedAt().toString());
    module.addProperty("lastExitTimeUtc", NEVER);
    module.addProperty("runtimeStatus", snapshot.runs() ? "running" : "unknown");
    module.addProperty("imagePullPolicy", declared.pullPolicy());
    JsonObject settings = new JsonObject();
    settings.addProperty("image", declared.image());
    createOptions(settings, declared.createOptions());
    module.add("settings", settings);
    module.add("env", env(declared.env()));
    return module;
  }

  private static JsonObject module(ModuleStatus status) {
    JsonObject module = new JsonObject();
    Optional<ModuleExit> exit = status.trail().lastExit();
    module.addProperty("exitCode", exit.map(ModuleExit::code).orElse(ModuleExit.CLEAN));
    module.addProperty("statusDescription", status.description());
    module.addProperty("lastStartTimeUtc", time(status.trail().lastStart()));
    module.addProperty("lastExitTimeUtc", time(exit.map(ModuleExit::at)));
    module.addProperty("restartCount", status.history().restarts());
    module.addProperty("lastRestartTimeUtc", time(status.history().lastRestart()));
    module.addProperty("runtimeStatus", status.word().word());
    status.trail().lastError().ifPresent(text -> module.addProperty("lastError", text));
    status.trail().lastRestart().ifPresent(text -> module.addProperty("lastRestartReason", text));
    status.desired().ifPresent(declared -> declared(module, declared));
    JsonObject settings = new JsonObject();
    settings.addProperty("image", status.image());
    status
        .installed()
        .map(PreparedModule::sha256)
        .ifPresent(sha256 -> settings.addProperty("imageHash", "sha256:" + sha256));
    createOptions(settings, status.desired().map(DeclaredModule::createOptions).orElse("{}"));
    module.add("settings", settings);
    module.add("env", env(status.desired().map(DeclaredModule::env).orElse(Map.of())));
    return module;
  }

  private static void declared(JsonObject module, DeclaredModule declared) {
    module.addProperty("version", declared.version());
    module.addProperty("status", declared.status().word());
    module.addProperty("restartPolicy", declared.restartPolicy().word());
    module.addProperty("imagePullPolicy", DeclaredModule.word(declared.pullPolicy()));
    startupOrder(module, declared.startupOrder());
    module.addProperty("type", declared.type());
  }

  private static void startupOrder(JsonObject module, long order) {
    if (order != DeclaredModule.LAST) {
      module.addProperty("startupOrder", order);
    }
  }

  /** Cut as in manifests, since a twin's values are bounded. */
  private static void createOptions(JsonObject settings, String json) {
    String masked = Masking.json(json);
    for (int piece = 0; piece * PIECE < masked.length(); piece++) {
      String key =
          piece == 0 ? "createOptions" : String.format(Locale.ROOT, "createOptions%02d", piece);
      int from = piece * PIECE;
      settings.addProperty(key, masked.substring(from, Math.min(from + PIECE, masked.length())));
    }
  }

  private static JsonObject env(Map<String, String> env) {
    JsonObject json = new JsonObject();
    new TreeMap<>(env)
        .forEach(
            (name, value) -> {
              JsonObject variable = new JsonObject();
              variable.addProperty("value", Masking.value(name, value));
              json.add(name, variable);
            });
    return json;
  }

  private static String time(Optional<Instant> instant) {
    return instant.map(Instant::toString).orElse(NEVER);
  }
}
