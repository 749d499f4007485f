package io.gantry.console.management;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.Identity;
import java.util.Locale;
import java.util.Optional;

/**
 * What is asked for when an identity is created: {@code identity}, {@code auth}, and keys or
 * thumbprints. What it says of a mistake holds nothing of the values.
 *
 * @param identity who
 * @param method empty for keys that are made
 */
record NewIdentity(Identity identity, Optional<AuthenticationMethod> method) {

  static NewIdentity read(String text) throws ApiException {
    JsonObject json = object(text);
    Identity identity =
        Call.identity(
            member(json, "identity")
                .orElseThrow(() -> new ApiException(400, "identity: name one")));
    Optional<String> primaryKey = member(json, "primaryKey");
    Optional<String> secondaryKey = member(json, "secondaryKey");
    Optional<String> primary = member(json, "primaryThumbprint").map(NewIdentity::thumbprint);
    Optional<String> secondary = member(json, "secondaryThumbprint").map(NewIdentity::thumbprint);
    String method = member(json, "auth").orElse("sas");
    require(
        method.equals("sas") || primaryKey.isEmpty() && secondaryKey.isEmpty(),
        "primaryKey, secondaryKey: expected with auth sas only");
    require(
        method.equals("x509-thumbprint") || primary.isEmpty() && secondary.isEmpty(),
        "primaryThumbprint, secondaryThumbprint: expected with auth x509-thumbprint only");
    switch (method) {
      case "sas":
        require(
            primaryKey.isPresent() == secondaryKey.isPresent(),
            "primaryKey, secondaryKey: expected both or none");
        return new NewIdentity(
            identity, primaryKey.map(key -> new SasKeys(key, secondaryKey.orElseThrow())));
      case "x509-thumbprint":
        require(primary.isPresent(), "primaryThumbprint: expected one, found none");
        return new NewIdentity(
            identity, Optional.of(new Thumbprints(primary.orElseThrow(), secondary)));
      case "x509-authority":
        return new NewIdentity(identity, Optional.of(new Authority()));
      default:
        throw new ApiException(
            400, "auth: expected sas, x509-thumbprint or x509-authority, found something else");
    }
  }

  private static JsonObject object(String text) throws ApiException {
    try {
      if (JsonParser.parseString(text) instanceof JsonObject json) {
        return json;
      }
    } catch (JsonParseException malformed) {
      // Its text may quote a key.
    }
    throw new ApiException(400, "the identity: expected a JSON object, found something else");
  }

  private static Optional<String> member(JsonObject json, String name) throws ApiException {
    JsonElement value = json.get(name);
    if (value == null) {
      return Optional.empty();
    }
    require(
        value.isJsonPrimitive() && value.getAsJsonPrimitive().isString(),
        name + ": expected a text, found something else");
    return Optional.of(value.getAsString());
  }

  private static void require(boolean condition, String text) throws ApiException {
    if (!condition) {
      throw new ApiException(400, text);
    }
  }

  /** People copy them from programs that put colons in, or take small letters. */
  private static String thumbprint(String text) {
    return text.replace(":", "").toUpperCase(Locale.ROOT);
  }
}
