package io.gantry.agent.manifest;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads module objects. Stand-ins are never used: with an error the manifest is refused. */
final class ModuleReader {

  private static final String[] TYPES = {"bundle", "docker"};
  private static final Pattern LOGIN =
      Pattern.compile("([a-z][a-z0-9+.-]*://[^/@]*@|[^/@]*@[^/]*/).*", Pattern.CASE_INSENSITIVE);
  private static final Pattern UPSTREAM = Pattern.compile("\\$upstream([:/].*)?");

  /** The tag of a container, or a registry, which is no URL and no absolute path. */
  private static final Pattern CONTAINER =
      Pattern.compile("(?i).+:latest|(?!https?:|file:|/|[a-z]:[/\\\\]).+/.*");

  private static final String NO_CONTAINERS =
      " (a module is an OSGi bundle; images of containers cannot run here)";
  private static final ImageReference NO_IMAGE = ImageReference.parse("none");

  private ModuleReader() {}

  static DeclaredModule module(Node node) {
    name(node);
    Node settings = node.child("settings");
    CreateOptions options = CreateOptions.ofModule(settings);
    String image = settings.requireObject() ? settings.child("image").requiredText().strip() : "";
    return new DeclaredModule(
        node.name(),
        type(node),
        node.child("version").optionalText().orElse(""),
        status(node.child("status")),
        restartPolicy(node.child("restartPolicy"), RestartPolicy.ON_UNHEALTHY),
        pullPolicy(node.child("imagePullPolicy")),
        startupOrder(node.child("startupOrder")),
        image,
        image(settings, image),
        env(node.child("env")),
        options.json(),
        options.configuration(),
        options.exclusive());
  }

  static SystemModule systemModule(Node node, boolean agent, String usualImage) {
    Node settings = node.child("settings");
    String image = settings.requireObject() ? settings.child("image").requiredText() : "";
    hasLogin(settings.child("image"), image);
    Map<String, String> env = env(node.child("env"));
    if (!image.isEmpty() && !image.contains(usualImage) && !image.startsWith("io.gantry")) {
      settings.child("image").warn("has no effect, this runtime itself is the " + node.name());
    }
    if (!env.isEmpty()) {
      node.child("env").warn("has no effect, this runtime itself is the " + node.name());
    }
    DesiredStatus status = agent ? DesiredStatus.RUNNING : status(node.child("status"));
    if (status == DesiredStatus.STOPPED) {
      node.child("status").warn("has no effect, the " + node.name() + " is never stopped");
    }
    return new SystemModule(
        type(node),
        status,
        agent
            ? RestartPolicy.ALWAYS
            : restartPolicy(node.child("restartPolicy"), RestartPolicy.ALWAYS),
        DeclaredModule.word(pullPolicy(node.child("imagePullPolicy"))),
        agent ? 0 : startupOrder(node.child("startupOrder")),
        image,
        CreateOptions.ofSystemModule(settings),
        env);
  }

  static String type(Node node) {
    return node.child("type").word(TYPES, type -> type, TYPES[0]);
  }

  private static void name(Node node) {
    String name = node.name();
    try {
      Identity.requireValidId("module name", name);
      if (name.chars().anyMatch(c -> ".$#".indexOf(c) >= 0)) {
        node.refuse("a module name without dot, dollar and hash", Node.quote(name));
      }
      if (name.equalsIgnoreCase("edgeAgent") || name.equalsIgnoreCase("edgeHub")) {
        node.refuse("a module name other than those of the system modules", Node.quote(name));
      }
    } catch (IllegalArgumentException e) {
      node.problems().error(node.path() + ": " + e.getMessage());
    }
  }

  private static DesiredStatus status(Node node) {
    return node.word(DesiredStatus.values(), DesiredStatus::word, DesiredStatus.STOPPED);
  }

  private static RestartPolicy restartPolicy(Node node, RestartPolicy otherwise) {
    return node.isMissing()
        ? otherwise
        : node.word(RestartPolicy.values(), RestartPolicy::word, otherwise);
  }

  private static PullPolicy pullPolicy(Node node) {
    return node.isAbsent()
        ? PullPolicy.ON_CREATE
        : node.word(PullPolicy.values(), DeclaredModule::word, PullPolicy.ON_CREATE);
  }

  private static long startupOrder(Node node) {
    return node.isMissing()
        ? DeclaredModule.LAST
        : node.wholeNumber(0, DeclaredModule.LAST, DeclaredModule.LAST);
  }

  private static ImageReference image(Node settings, String text) {
    if (text.isEmpty()) {
      return NO_IMAGE;
    }
    Node node = settings.child("image");
    if (UPSTREAM.matcher(text).matches()) {
      node.refuse("a repository, or none", "that of the parent, and this gateway has no parent");
      return NO_IMAGE;
    }
    if (hasLogin(node, text)) {
      return NO_IMAGE;
    }
    try {
      ImageReference image = ImageReference.parse(text);
      return pinned(image, settings.child("digest"));
    } catch (IllegalArgumentException e) {
      String hint = CONTAINER.matcher(text).matches() ? NO_CONTAINERS : "";
      node.problems().error(node.path() + ": " + e.getMessage() + hint);
      return NO_IMAGE;
    }
  }

  /** Whether a login stands in an address, which is shown as it is; notes it. */
  static boolean hasLogin(Node node, String address) {
    boolean found = LOGIN.matcher(address).matches();
    if (found) {
      node.refuse("an address without a login (that belongs to registryCredentials)", "a login");
    }
    return found;
  }

  /** With the digest that is declared beside the image, which must not contradict it. */
  private static ImageReference pinned(ImageReference image, Node digest) {
    Optional<String> pin = digest.optionalText().map(String::strip).filter(text -> !text.isEmpty());
    if (pin.isEmpty()) {
      return image;
    }
    ImageReference pinned;
    try {
      pinned = ImageReference.parse(image.symbolicName() + "@" + pin.get());
    } catch (IllegalArgumentException e) {
      digest.refuse("sha256: and 64 hex digits", Node.quote(pin.get()));
      return image;
    }
    if (image.digest().isPresent() && !image.digest().equals(pinned.digest())) {
      digest.refuse("the digest that the image names", "another");
    }
    return new ImageReference(
        image.repository(), image.symbolicName(), image.version(), pinned.digest());
  }

  private static Map<String, String> env(Node env) {
    Map<String, String> values = new LinkedHashMap<>();
    if (env.objectIfPresent()) {
      for (Node variable : env.children()) {
        if (variable.name().isBlank()) {
          variable.refuse("the name of an environment variable", "a blank one");
        } else if (variable.requireObject()) {
          values.put(variable.name(), value(variable.child("value")));
        }
      }
    }
    return values;
  }

  private static String value(Node value) {
    if (!value.isAbsent() && value.scalar().isEmpty()) {
      value.refuse("text, a number, true or false");
    }
    return value.isAbsent() ? "" : value.scalar().orElse("");
  }
}
