package io.gantry.spi.routing;

/** Texts that the {@code FROM} of a route is compared with (IoT Edge, "Declare routes"). */
public final class MessageSource {

  /** Telemetry of a device. */
  public static final String DEVICE = "/messages";

  /** A change of reported properties that passes the hub. */
  public static final String TWIN_CHANGE = "/twinChangeNotifications";

  private static final String TOPICS = "/topics/";
  private static final String MODULES = "/messages/modules/";

  private MessageSource() {}

  /** Telemetry of a module that named no output. */
  public static String module(String module) {
    return MODULES + module;
  }

  /** Telemetry of a module on one of its outputs. */
  public static String moduleOutput(String module, String output) {
    return MODULES + module + "/outputs/" + output;
  }

  /** What a client published on a topic of the local broker. */
  public static String topic(String topic) {
    return TOPICS + topic;
  }
}
