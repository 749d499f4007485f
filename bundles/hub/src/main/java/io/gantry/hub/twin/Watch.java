package io.gantry.hub.twin;

import com.google.gson.JsonObject;
import io.gantry.hub.subscriber.Subscriber;
import org.jspecify.annotations.Nullable;

/** A client that wants to be told what is desired of it, while it does. Owned by the executor. */
final class Watch {

  private final Subscriber subscriber;
  private boolean underWay;
  private long refused;
  private long knownVersion;
  private @Nullable JsonObject known;

  Watch(Subscriber subscriber) {
    this.subscriber = subscriber;
  }

  Subscriber subscriber() {
    return subscriber;
  }

  /** Whether a change was handed over and is not answered. */
  boolean isUnderWay() {
    return underWay;
  }

  void handedOver() {
    underWay = true;
  }

  void accepted() {
    underWay = false;
  }

  /** It did not take this one: it comes again with the next one, or after the next subscription. */
  void refused(long version) {
    underWay = false;
    refused = version;
  }

  /** The version that it did not take. */
  long refused() {
    return refused;
  }

  /** It knows more than the store could write down. */
  void remember(long version, JsonObject document) {
    knownVersion = version;
    known = document;
  }

  /** The version that it knows; at least what the twin says. */
  long knownVersion(StoredTwin twin) {
    return Math.max(knownVersion, twin.toldVersion());
  }

  /** The desired properties of that version. */
  JsonObject known(StoredTwin twin) {
    return known != null && knownVersion > twin.toldVersion() ? known : twin.known();
  }
}
