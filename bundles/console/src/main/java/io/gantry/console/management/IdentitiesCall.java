package io.gantry.console.management;

import com.google.gson.JsonObject;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.IdentityFacts;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.IdentityRegistry.Key;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.SasToken;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** {@code /v1/identities}: who may connect. */
final class IdentitiesCall {

  private static final int LONGEST_BODY = 16 * 1024;
  private static final long USUAL_SECONDS = 3_600;
  private static final long MOST_SECONDS = 366 * 86_400L;

  private final Gateway gateway;
  private final Supplier<Instant> now;

  IdentitiesCall(Gateway gateway, Supplier<Instant> now) {
    this.gateway = gateway;
    this.now = now;
  }

  private IdentityRegistry registry() throws ApiException {
    return gateway
        .identities()
        .orElseThrow(() -> new ApiException(503, "the identity registry is not there: see status"));
  }

  private RegisteredIdentity find(Identity identity) throws ApiException {
    return registry()
        .find(identity)
        .orElseThrow(() -> new ApiException(404, "there is no identity " + identity.id()));
  }

  /** All, without keys. */
  void list(Call call) throws IOException, ApiException {
    List<RegisteredIdentity> identities = registry().list();
    call.answer(200, IdentityFacts.json(identities), IdentityFacts.text(identities));
  }

  /** Makes the one that the body describes. */
  void create(Call call) throws IOException, ApiException {
    NewIdentity wanted = NewIdentity.read(call.body(LONGEST_BODY));
    Secrets secrets = Secrets.wanted(call, wanted.identity(), gateway);
    RegisteredIdentity one = Outcome.of(registry().create(wanted.identity(), wanted.method()));
    secrets.answer(call, one, "created " + one.identity().id() + "\n");
  }

  /** The one that {@code identity} names. */
  void show(Call call) throws IOException, ApiException {
    RegisteredIdentity one = find(call.identity());
    Secrets.wanted(call, one.identity(), gateway).answer(call, one, IdentityFacts.text(one));
  }

  /** Deletes it, with all that belongs to it. */
  void delete(Call call) throws IOException, ApiException {
    Identity identity = call.identity();
    Outcome.of(registry().delete(identity));
    JsonObject json = new JsonObject();
    json.addProperty("deleted", identity.id());
    call.answer(200, json + "\n", "deleted " + identity.id() + "\n");
  }

  /** Lets it in again. */
  void enable(Call call) throws IOException, ApiException {
    setEnabled(call, true);
  }

  /** Lets it in no more, and ends its connections. */
  void disable(Call call) throws IOException, ApiException {
    setEnabled(call, false);
  }

  private void setEnabled(Call call, boolean enabled) throws IOException, ApiException {
    RegisteredIdentity one = Outcome.of(registry().setEnabled(call.identity(), enabled));
    call.answer(
        200,
        IdentityFacts.rendered(IdentityFacts.json(one)),
        (enabled ? "enabled " : "disabled ") + one.identity().id() + "\n");
  }

  /** Replaces the key that {@code key} names. */
  void regenerate(Call call) throws IOException, ApiException {
    String name = call.required("key");
    Key key =
        switch (name) {
          case "primary" -> Key.PRIMARY;
          case "secondary" -> Key.SECONDARY;
          default ->
              throw new ApiException(
                  400, "key: expected primary or secondary, found '" + name + "'");
        };
    Identity identity = call.identity();
    Secrets secrets = Secrets.wanted(call, identity, gateway);
    RegisteredIdentity one = Outcome.of(registry().regenerateKey(identity, key));
    secrets.answer(call, one, one.identity().id() + " has a new " + name + " key\n");
  }

  /** A SAS token that is good for {@code ttl} seconds, signed with the primary key. */
  void token(Call call) throws IOException, ApiException {
    long seconds = call.number("ttl").orElse(USUAL_SECONDS);
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw new ApiException(
          400, "ttl: expected 1 to " + MOST_SECONDS + " seconds, found " + seconds);
    }
    RegisteredIdentity one = find(call.identity());
    Instant end = now.get().plusSeconds(seconds);
    String token =
        SasToken.sign(Secrets.hubName(gateway), one.identity(), keys(one).primary(), end);
    JsonObject json = new JsonObject();
    json.addProperty("token", token);
    json.addProperty("expiresAt", Instant.ofEpochSecond(end.getEpochSecond()).toString());
    call.answer(200, IdentityFacts.rendered(json), token + "\n");
  }

  private static SasKeys keys(RegisteredIdentity one) throws ApiException {
    if (one.method() instanceof SasKeys keys) {
      return keys;
    }
    throw new ApiException(
        400, one.identity().id() + ": expected an identity with keys, found one with certificates");
  }
}
