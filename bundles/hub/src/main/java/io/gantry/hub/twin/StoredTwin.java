package io.gantry.hub.twin;

import com.google.gson.JsonObject;
import io.gantry.api.module.Twin;
import org.jspecify.annotations.Nullable;

/**
 * A twin as it is kept, with what its client knows of it. Immutable, and so are the documents.
 *
 * @param generation of the identity that it belongs to; empty while nobody has registered it
 * @param toldVersion of the desired properties that the client was told last; 0 for none
 * @param told these properties; null when they are the present ones, or none
 */
record StoredTwin(
    String generation,
    JsonObject desired,
    long desiredVersion,
    JsonObject reported,
    long reportedVersion,
    long toldVersion,
    @Nullable JsonObject told) {

  /** A twin that nobody has touched. */
  static StoredTwin untouched(String generation) {
    return new StoredTwin(generation, new JsonObject(), 1, new JsonObject(), 1, 0, null);
  }

  /** With other desired properties, of the next version. */
  StoredTwin withDesired(JsonObject document) {
    return new StoredTwin(
        generation,
        document,
        desiredVersion + 1,
        reported,
        reportedVersion,
        toldVersion,
        toldVersion == 0 ? null : known());
  }

  /** With other reported properties, of the next version. */
  StoredTwin withReported(JsonObject document) {
    return new StoredTwin(
        generation, desired, desiredVersion, document, reportedVersion + 1, toldVersion, told);
  }

  /** Its client was told desired properties of this version. */
  StoredTwin withTold(long version, JsonObject document) {
    return new StoredTwin(
        generation,
        desired,
        desiredVersion,
        reported,
        reportedVersion,
        version,
        version == desiredVersion ? null : document);
  }

  /** The desired properties that the client knows. */
  JsonObject known() {
    if (told != null) {
      return told;
    }
    return toldVersion == 0 ? new JsonObject() : desired;
  }

  /** What others see of it. */
  Twin view() {
    return new Twin(desired.toString(), desiredVersion, reported.toString(), reportedVersion);
  }
}
