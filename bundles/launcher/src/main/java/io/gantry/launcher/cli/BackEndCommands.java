package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the back end of IoT Hub does: twins, direct methods, cloud-to-device messages. */
final class BackEndCommands {

  /** Where the hub waits, we wait longer. */
  private static final int MARGIN_SECONDS = 30;

  private static final long LONGEST_SECONDS = 3_600;
  private static final long RESPONSE_SECONDS = 30;

  private final Arguments arguments;
  private final Client client;
  private final Input input;

  BackEndCommands(Arguments arguments, Client client, Input input) {
    this.arguments = arguments;
    this.client = client;
    this.input = input;
  }

  int twin() throws CommandException {
    if (arguments.action().equals("show")) {
      return client.show(new Query("/v1/twins").with("identity", arguments.operand(0)));
    }
    byte[] patch =
        input.value("the desired properties", arguments.value("--desired").orElseThrow());
    return client.tell(
        new Query("/v1/twins/update").with("identity", arguments.operand(0)),
        patch,
        Client.ANSWER_MILLIS);
  }

  int method() throws CommandException {
    Optional<Long> timeout = arguments.number("--timeout");
    Optional<Long> connectTimeout = arguments.number("--connect-timeout");
    Query query =
        new Query("/v1/methods/invoke")
            .with("identity", arguments.operand(0))
            .with("name", arguments.operand(1))
            .with("timeout", timeout)
            .with("connectTimeout", connectTimeout);
    byte[] payload = input.value("the payload", arguments.value("--payload").orElse("null"));
    long seconds = bounded(timeout.orElse(RESPONSE_SECONDS)) + bounded(connectTimeout.orElse(0L));
    return client.tell(query, payload, (int) (seconds + MARGIN_SECONDS) * 1_000);
  }

  /** More than the gateway allows; it says so at once. */
  private static long bounded(long seconds) {
    return Math.min(seconds, LONGEST_SECONDS);
  }

  int send() throws CommandException {
    JsonObject properties = new JsonObject();
    properties().forEach(properties::text);
    JsonObject system = new JsonObject();
    arguments.value("--message-id").ifPresent(id -> system.text("messageId", id));
    byte[] body = input.value("the body", arguments.value("--body").orElseThrow());
    JsonObject message =
        new JsonObject()
            .object("properties", properties)
            .object("systemProperties", system)
            .text("bodyBase64", Base64.getEncoder().encodeToString(body));
    return client.tell(
        new Query("/v1/c2d/send")
            .with("device", arguments.operand(0))
            .with("expiry", arguments.number("--expiry")),
        message.toString().getBytes(UTF_8),
        Client.ANSWER_MILLIS);
  }

  private Map<String, String> properties() throws CommandException {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String pair : arguments.values("--property")) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw arguments.wrong("option --property: expected NAME=VALUE, found '" + pair + "'");
      }
      properties.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return properties;
  }
}
