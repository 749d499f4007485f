package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;

/** {@code gantry identity}: who may connect. */
final class IdentityCommands {

  private static final String PATH = "/v1/identities";

  private final Arguments arguments;
  private final Client client;
  private final Input input;

  IdentityCommands(Arguments arguments, Client client, Input input) {
    this.arguments = arguments;
    this.client = client;
    this.input = input;
  }

  int execute() throws CommandException {
    return switch (arguments.action()) {
      case "list" -> client.show(PATH);
      case "create" -> create();
      case "show" -> client.show(withSecrets(action()));
      case "regenerate-key" ->
          client.tell(withSecrets(action()).with("key", arguments.value("--key")));
      case "token" -> client.tell(action().with("ttl", arguments.number("--ttl")));
      default -> client.tell(action());
    };
  }

  private Query action() {
    return new Query(PATH + "/" + arguments.action()).with("identity", arguments.operand(0));
  }

  /** Keys come only where somebody asks for them. */
  private Query withSecrets(Query query) throws CommandException {
    boolean keys = arguments.has("--keys");
    boolean connectionString = arguments.has("--connection-string");
    if (keys && connectionString) {
      throw arguments.wrong("expected either --keys or --connection-string");
    }
    if (keys) {
      query.with("with", "keys");
    }
    return connectionString ? query.with("with", "connectionString") : query;
  }

  /** The keys go into the body: the path may end up in an error. */
  private int create() throws CommandException {
    Query query = withSecrets(new Query(PATH + "/create"));
    checkMethod();
    JsonObject body = new JsonObject().text("identity", arguments.operand(0));
    arguments.value("--auth").ifPresent(method -> body.text("auth", method));
    put(body, "primaryKey", "--primary-key");
    put(body, "secondaryKey", "--secondary-key");
    put(body, "primaryThumbprint", "--primary-thumbprint");
    put(body, "secondaryThumbprint", "--secondary-thumbprint");
    return client.tell(query, body.toString().getBytes(UTF_8), Client.ANSWER_MILLIS);
  }

  private void checkMethod() throws CommandException {
    String method = arguments.value("--auth").orElse("sas");
    boolean keys = arguments.has("--primary-key") || arguments.has("--secondary-key");
    boolean thumbprints =
        arguments.has("--primary-thumbprint") || arguments.has("--secondary-thumbprint");
    if (keys && !method.equals("sas")) {
      throw arguments.wrong("keys are for --auth sas only");
    }
    if (arguments.has("--primary-key") != arguments.has("--secondary-key")) {
      throw arguments.wrong("expected both --primary-key and --secondary-key, or none of them");
    }
    if (thumbprints && !method.equals("x509-thumbprint")) {
      throw arguments.wrong("thumbprints are for --auth x509-thumbprint only");
    }
    if (method.equals("x509-thumbprint") && !arguments.has("--primary-thumbprint")) {
      throw arguments.wrong("option --primary-thumbprint is missing");
    }
  }

  private void put(JsonObject body, String member, String option) throws CommandException {
    Optional<String> value = arguments.value(option);
    if (value.isPresent()) {
      body.text(member, input.line("the value of " + option, value.get()));
    }
  }
}
