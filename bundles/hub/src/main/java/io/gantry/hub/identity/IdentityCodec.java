package io.gantry.hub.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** An identity as it stands in the table, before it is sealed: JSON. */
final class IdentityCodec {

  private IdentityCodec() {}

  static byte[] encode(RegisteredIdentity registered) {
    JsonObject json = new JsonObject();
    json.addProperty("deviceId", registered.identity().deviceId());
    if (registered.identity() instanceof ModuleIdentity module) {
      json.addProperty("moduleId", module.moduleId());
    }
    json.addProperty("generationId", registered.generationId());
    json.addProperty("enabled", registered.enabled());
    json.addProperty("declared", registered.declared());
    json.addProperty("created", registered.created().toString());
    json.add("method", method(registered.method()));
    return json.toString().getBytes(UTF_8);
  }

  private static JsonObject method(AuthenticationMethod method) {
    JsonObject json = new JsonObject();
    if (method instanceof SasKeys keys) {
      json.addProperty("type", "sas");
      json.addProperty("primary", keys.primary());
      json.addProperty("secondary", keys.secondary());
    } else if (method instanceof Thumbprints prints) {
      json.addProperty("type", "thumbprint");
      json.addProperty("primary", prints.primary());
      prints.secondary().ifPresent(second -> json.addProperty("secondary", second));
    } else {
      json.addProperty("type", "authority");
    }
    return json;
  }

  /**
   * Reads it back.
   *
   * @throws IllegalArgumentException when it is not what {@link #encode} writes
   */
  static RegisteredIdentity decode(byte[] bytes) {
    try {
      JsonObject json = JsonParser.parseString(new String(bytes, UTF_8)).getAsJsonObject();
      String device = json.get("deviceId").getAsString();
      Identity identity =
          json.has("moduleId")
              ? new ModuleIdentity(device, json.get("moduleId").getAsString())
              : new DeviceIdentity(device);
      return new RegisteredIdentity(
          identity,
          json.get("generationId").getAsString(),
          json.get("enabled").getAsBoolean(),
          json.get("declared").getAsBoolean(),
          method(json.getAsJsonObject("method")),
          Instant.parse(json.get("created").getAsString()));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | DateTimeException malformed) {
      throw new IllegalArgumentException("expected an identity in JSON", malformed);
    }
  }

  private static AuthenticationMethod method(JsonObject json) {
    return switch (json.get("type").getAsString()) {
      case "sas" -> new SasKeys(json.get("primary").getAsString(), text(json, "secondary"));
      case "thumbprint" ->
          new Thumbprints(
              json.get("primary").getAsString(),
              json.has("secondary") ? Optional.of(text(json, "secondary")) : Optional.empty());
      case "authority" -> new Authority();
      default -> throw new IllegalArgumentException("expected sas, thumbprint or authority");
    };
  }

  private static String text(JsonObject json, String name) {
    return json.get(name).getAsString();
  }
}
