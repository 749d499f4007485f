package io.gantry.hub.twin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.Table;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Twins on disk, each sealed for its identity: applications keep passwords in them. Nothing is held
 * in memory beside what the table holds, so a device that is idle costs nothing here.
 */
final class TwinTable {

  private static final Logger LOG = LoggerFactory.getLogger(TwinTable.class);

  private final Table table;
  private final Vault vault;

  TwinTable(Table table, Vault vault) {
    this.table = table;
    this.vault = vault;
  }

  /**
   * Reads a twin; one that is not stored, or belonged to a former identity of the name, is
   * untouched.
   *
   * @param generation of the identity; empty when it is not registered
   * @throws RequestException 500 when it cannot be read; it stays as it is
   */
  StoredTwin load(Identity identity, String generation) throws RequestException {
    Optional<byte[]> sealed = table.get(identity.id());
    if (sealed.isEmpty()) {
      return StoredTwin.untouched(generation);
    }
    StoredTwin twin;
    try {
      twin = decode(vault.open(purpose(identity), sealed.get()));
    } catch (GeneralSecurityException | RuntimeException damaged) {
      LOG.error(
          "The twin of {} cannot be read. It is kept; delete the identity to be rid of it.",
          identity,
          damaged);
      throw new RequestException(500, "Reading the twin of " + identity + ": it is damaged");
    }
    boolean former =
        !twin.generation().isEmpty()
            && !generation.isEmpty()
            && !twin.generation().equals(generation);
    return former ? StoredTwin.untouched(generation) : adopted(twin, generation);
  }

  /** A client that was let in without an identity keeps its twin when it gets one. */
  private static StoredTwin adopted(StoredTwin twin, String generation) {
    return generation.isEmpty() || !twin.generation().isEmpty()
        ? twin
        : new StoredTwin(
            generation,
            twin.desired(),
            twin.desiredVersion(),
            twin.reported(),
            twin.reportedVersion(),
            twin.toldVersion(),
            twin.told());
  }

  /** Stores a twin; see {@link Table#put}. */
  CompletionStage<Void> put(Identity identity, StoredTwin twin) {
    return table.put(identity.id(), vault.seal(purpose(identity), encode(twin)));
  }

  /** Forgets a twin. */
  CompletionStage<Void> remove(Identity identity) {
    return table.remove(identity.id());
  }

  private static String purpose(Identity identity) {
    return "twin/" + identity.id();
  }

  private static byte[] encode(StoredTwin twin) {
    JsonObject record = new JsonObject();
    record.addProperty("generation", twin.generation());
    record.add("desired", twin.desired());
    record.addProperty("desiredVersion", twin.desiredVersion());
    record.add("reported", twin.reported());
    record.addProperty("reportedVersion", twin.reportedVersion());
    record.addProperty("toldVersion", twin.toldVersion());
    if (twin.told() != null) {
      record.add("told", twin.told());
    }
    return record.toString().getBytes(UTF_8);
  }

  private static StoredTwin decode(byte[] record) {
    JsonObject json = JsonParser.parseString(new String(record, UTF_8)).getAsJsonObject();
    JsonElement told = json.get("told");
    return new StoredTwin(
        json.get("generation").getAsString(),
        json.getAsJsonObject("desired"),
        json.get("desiredVersion").getAsLong(),
        json.getAsJsonObject("reported"),
        json.get("reportedVersion").getAsLong(),
        json.get("toldVersion").getAsLong(),
        told == null ? null : told.getAsJsonObject());
  }
}
