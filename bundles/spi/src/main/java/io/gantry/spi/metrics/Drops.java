package io.gantry.spi.metrics;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The one door through which messages are lost: every message that is not passed on is counted here
 * with its reason, and logged at a limited rate. Cheap and safe from any thread.
 */
@ProviderType
public interface Drops {

  /**
   * Counts one message.
   *
   * @param reason why
   * @param subject whose it was: an identity, an endpoint or a route
   * @param detail what an operator needs to know; no payload, no secret
   */
  void dropped(DropReason reason, String subject, String detail);

  /** How many were dropped since the start, for each reason that occurred. */
  Map<DropReason, Long> counts();
}
