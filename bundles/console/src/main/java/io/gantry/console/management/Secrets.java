package io.gantry.console.management;

import com.google.gson.JsonObject;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.IdentityFacts;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import java.io.IOException;
import java.util.Optional;

/**
 * What of an identity's keys an answer shows. Nothing, unless the parameter {@code with} asks for
 * it: {@code keys}, or {@code connectionString}, which holds the primary one.
 */
final class Secrets {

  private final boolean keys;
  private final Optional<Names> connection;

  private record Names(String hub, String gateway) {}

  private Secrets(boolean keys, Optional<Names> connection) {
    this.keys = keys;
    this.connection = connection;
  }

  /** Gathers what the answer will need, so that a change is not made and then fails to be told. */
  static Secrets wanted(Call call, Identity identity, Gateway gateway) throws ApiException {
    String with = call.parameter("with").orElse("");
    switch (with) {
      case "", "keys":
        return new Secrets(with.equals("keys"), Optional.empty());
      case "connectionString":
        if (identity.id().indexOf(';') >= 0) {
          throw new ApiException(
              400, identity.id() + ": an id with a semicolon cannot stand in a connection string");
        }
        return new Secrets(false, Optional.of(new Names(hubName(gateway), hostName(gateway))));
      default:
        throw new ApiException(
            400, "with: expected keys or connectionString, found '" + with + "'");
    }
  }

  /** The name that tokens are made for. */
  static String hubName(Gateway gateway) throws ApiException {
    return gateway
        .hub()
        .map(ClientGateway::hubName)
        .orElseThrow(() -> new ApiException(503, "the hub is not there: see status"));
  }

  private static String hostName(Gateway gateway) throws ApiException {
    return gateway
        .certificates()
        .map(Certificates::hostName)
        .orElseThrow(() -> new ApiException(503, "certificates are not there: see status"));
  }

  /**
   * Answers with an identity.
   *
   * @param sentence for a person who asked for no secret
   */
  void answer(Call call, RegisteredIdentity one, String sentence) throws IOException {
    JsonObject json = IdentityFacts.json(one);
    String text = sentence;
    if (keys) {
      text = IdentityFacts.text(one);
      if (one.method() instanceof SasKeys both) {
        json.addProperty("primaryKey", both.primary());
        json.addProperty("secondaryKey", both.secondary());
        text += IdentityFacts.keys(both);
      }
    }
    if (connection.isPresent()) {
      text = connectionString(one, connection.get()) + "\n";
      json.addProperty("connectionString", text.strip());
    }
    call.answer(200, IdentityFacts.rendered(json), text);
  }

  /** What an SDK takes; it connects to the gateway and speaks to it as to the hub. */
  private static String connectionString(RegisteredIdentity one, Names names) {
    String module =
        one.identity() instanceof ModuleIdentity found ? ";ModuleId=" + found.moduleId() : "";
    String proof =
        one.method() instanceof SasKeys both ? ";SharedAccessKey=" + both.primary() : ";x509=true";
    return "HostName="
        + names.hub()
        + ";DeviceId="
        + one.identity().deviceId()
        + module
        + proof
        + ";GatewayHostName="
        + names.gateway();
  }
}
