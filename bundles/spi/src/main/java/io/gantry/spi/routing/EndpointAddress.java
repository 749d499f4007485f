package io.gantry.spi.routing;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.Identity;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a route delivers to. The {@link #id()} names the endpoint's queue on disk. */
public sealed interface EndpointAddress {

  /**
   * Stable text form: {@code $upstream}, {@code modules/{module}/inputs/{input}}, {@code
   * topics/{template}} or {@code devices/{device}/messages/devicebound}. It does not end with
   * {@code #} and a digit.
   */
  String id();

  /** The address whose {@link #id()} this is; empty when the text is none. */
  static Optional<EndpointAddress> parse(String id) {
    if (id.equals(Upstream.ID)) {
      return Optional.of(new Upstream());
    }
    if (id.startsWith(Topic.PREFIX)) {
      String template = id.substring(Topic.PREFIX.length());
      return Topic.isTemplate(template) ? Optional.of(new Topic(template)) : Optional.empty();
    }
    Matcher device = Device.ID.matcher(id);
    if (device.matches()) {
      return Optional.of(new Device(device.group(1)));
    }
    Matcher input = ModuleInput.ID.matcher(id);
    return input.matches()
        ? Optional.of(new ModuleInput(input.group(1), input.group(2)))
        : Optional.empty();
  }

  /** The cloud, or the event log of a gateway that has no cloud. */
  record Upstream() implements EndpointAddress {

    private static final String ID = "$upstream";

    @Override
    public String id() {
      return ID;
    }

    @Override
    public String toString() {
      return ID;
    }
  }

  /**
   * An input of a module of this gateway.
   *
   * @param module the module's name in the deployment manifest
   * @param input the input's name
   */
  record ModuleInput(String module, String input) implements EndpointAddress {

    private static final Pattern ID = Pattern.compile("modules/([^/#]+)/inputs/([^/#]+)");

    public ModuleInput {
      if (!ID.matcher("modules/" + module + "/inputs/" + input).matches()) {
        throw new IllegalArgumentException(
            "module input: expected two names without slash and hash, found '"
                + module
                + "', '"
                + input
                + "'");
      }
    }

    @Override
    public String id() {
      return "modules/" + module + "/inputs/" + input;
    }

    @Override
    public String toString() {
      return id();
    }
  }

  /**
   * What the back end sends to a device. No route leads there.
   *
   * @param deviceId of the device
   */
  record Device(String deviceId) implements EndpointAddress {

    private static final Pattern ID = Pattern.compile("devices/([^/]+)/messages/devicebound");

    public Device {
      Identity.requireValidId("device id", deviceId);
    }

    @Override
    public String id() {
      return "devices/" + deviceId + "/messages/devicebound";
    }

    @Override
    public String toString() {
      return id();
    }
  }

  /**
   * A topic of the local broker.
   *
   * @param template a topic (MQTT 3.1.1, section 4.7) in which <code>${name}</code> stands for an
   *     application property of the message, and <code>${$name}</code> for a system property
   */
  record Topic(String template) implements EndpointAddress {

    private static final String PREFIX = "topics/";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^{}/#+]+)}");
    private static final Pattern TEMPLATE =
        Pattern.compile("(?!\\$[^{]|devices/)([^#+$\\p{Cntrl}]|\\$(?!\\{)|\\$\\{[^{}/#+]+})+");

    public Topic {
      if (!isTemplate(template)) {
        throw new IllegalArgumentException(
            "topic: expected a topic of the local broker without + and #, found '"
                + template
                + "'");
      }
    }

    /** Whether it may be one: well-formed, and none of the topics that belong to the hub. */
    public static boolean isTemplate(String template) {
      return template.length() <= 200
          && template.chars().filter(c -> c == '/').count() < TopicFilter.MOST_LEVELS
          && TEMPLATE.matcher(template).matches();
    }

    /** Whether it is the same topic for every message. */
    public boolean isFixed() {
      return !PLACEHOLDER.matcher(template).find();
    }

    /**
     * The topic for a message.
     *
     * @throws IllegalArgumentException when the message lacks a property, or its value is no level
     *     of a topic; says which
     */
    public String resolve(Message message) {
      return PLACEHOLDER
          .matcher(template)
          .replaceAll(found -> Matcher.quoteReplacement(value(message, found.group(1))));
    }

    private static String value(Message message, String name) {
      Optional<String> value =
          name.startsWith("$")
              ? message.systemProperty(name.substring(1))
              : message.properties().entrySet().stream()
                  .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                  .findFirst()
                  .map(Map.Entry::getValue);
      boolean isLevel =
          value.isPresent()
              && !value.get().isEmpty()
              && value
                  .get()
                  .chars()
                  .noneMatch(c -> c == '/' || c == '+' || c == '#' || Character.isISOControl(c));
      if (!isLevel) {
        throw new IllegalArgumentException(
            "property "
                + name
                + ": expected one level of a topic, found "
                + value.map(text -> "'" + text + "'").orElse("none"));
      }
      return value.get();
    }

    @Override
    public String id() {
      return PREFIX + template;
    }

    @Override
    public String toString() {
      return id();
    }
  }
}
