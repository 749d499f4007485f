package io.gantry.hub.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.Table;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Identities on disk: a row for each, by its id, sealed for its id, so that rows can neither be
 * read nor put in the place of another one.
 */
final class SealedRows {

  private static final Logger LOG = LoggerFactory.getLogger(SealedRows.class);
  private static final String PURPOSE = "identity/";
  private static final int MOST_LOGGED = 20;

  private static final String SAS = "sas";
  private static final String THUMBPRINTS = "thumbprints";
  private static final String AUTHORITY = "authority";

  private final Table table;
  private final Vault vault;

  SealedRows(Table table, Vault vault) {
    this.table = table;
    this.vault = vault;
  }

  /**
   * All that can be read. A row that cannot stays where it is: should the key of the vault come
   * back, it can be read again.
   */
  List<RegisteredIdentity> load() {
    List<RegisteredIdentity> rows = new ArrayList<>();
    int damaged = 0;
    for (String id : table.keys()) {
      try {
        rows.add(open(id));
      } catch (GeneralSecurityException | RuntimeException problem) {
        damaged++;
        if (damaged <= MOST_LOGGED) {
          LOG.error(
              "HUB-01 identity {} cannot be read and is not there until it is created again: {}",
              id,
              problem.toString());
        }
      }
    }
    if (damaged > MOST_LOGGED) {
      LOG.error("HUB-01 in all {} identities cannot be read", damaged);
    }
    return rows;
  }

  private RegisteredIdentity open(String id) throws GeneralSecurityException {
    byte[] sealed = table.get(id).orElseThrow();
    String text = new String(vault.open(PURPOSE + id, sealed), UTF_8);
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new RegisteredIdentity(
        identity(id),
        json.get("generationId").getAsString(),
        json.get("enabled").getAsBoolean(),
        json.get("declared").getAsBoolean(),
        method(json.getAsJsonObject("method")),
        Instant.parse(json.get("created").getAsString()));
  }

  private static Identity identity(String id) {
    int slash = id.indexOf('/');
    return slash < 0
        ? new DeviceIdentity(id)
        : new ModuleIdentity(id.substring(0, slash), id.substring(slash + 1));
  }

  private static AuthenticationMethod method(JsonObject json) {
    String type = json.get("type").getAsString();
    return switch (type) {
      case SAS -> new SasKeys(text(json, "primary"), text(json, "secondary"));
      case THUMBPRINTS ->
          new Thumbprints(
              text(json, "primary"),
              json.has("secondary") ? Optional.of(text(json, "secondary")) : Optional.empty());
      case AUTHORITY -> new Authority();
      default -> throw new IllegalArgumentException("unknown method " + type);
    };
  }

  private static String text(JsonObject json, String name) {
    return json.get(name).getAsString();
  }

  CompletionStage<Void> put(RegisteredIdentity row) {
    JsonObject json = new JsonObject();
    json.addProperty("generationId", row.generationId());
    json.addProperty("enabled", row.enabled());
    json.addProperty("declared", row.declared());
    json.addProperty("created", row.created().toString());
    json.add("method", json(row.method()));
    String id = row.identity().id();
    return table.put(id, vault.seal(PURPOSE + id, json.toString().getBytes(UTF_8)));
  }

  private static JsonObject json(AuthenticationMethod method) {
    JsonObject json = new JsonObject();
    if (method instanceof SasKeys keys) {
      json.addProperty("type", SAS);
      json.addProperty("primary", keys.primary());
      json.addProperty("secondary", keys.secondary());
    } else if (method instanceof Thumbprints thumbprints) {
      json.addProperty("type", THUMBPRINTS);
      json.addProperty("primary", thumbprints.primary());
      thumbprints.secondary().ifPresent(second -> json.addProperty("secondary", second));
    } else {
      json.addProperty("type", AUTHORITY);
    }
    return json;
  }

  CompletionStage<Void> remove(Identity identity) {
    return table.remove(identity.id());
  }
}
