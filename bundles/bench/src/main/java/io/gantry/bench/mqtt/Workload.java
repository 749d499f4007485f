package io.gantry.bench.mqtt;

import java.time.Duration;

/**
 * What is sent.
 *
 * @param publishers clients at once, each with a connection
 * @param window messages in flight for each of them
 * @param payload bytes of a body
 * @param warmUp sent and not counted
 * @param measured sent and counted
 */
record Workload(int publishers, int window, int payload, Duration warmUp, Duration measured) {

  /** As the comparison of brokers has it; {@code -Dwindow} and its like change it. */
  static Workload ofProperties() {
    return new Workload(
        Integer.getInteger("publishers", 4),
        Integer.getInteger("window", 100),
        Integer.getInteger("payload", 256),
        Duration.ofSeconds(Integer.getInteger("warmUp", 3)),
        Duration.ofSeconds(Integer.getInteger("measured", 6)));
  }

  /** The topic of a device's telemetry at IoT Hub; any other broker takes it, too. */
  String topic(String clientId) {
    return "devices/" + clientId + "/messages/events/";
  }
}
