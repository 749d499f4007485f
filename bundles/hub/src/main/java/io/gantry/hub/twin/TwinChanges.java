package io.gantry.hub.twin;

import io.gantry.spi.identity.Identity;
import java.util.concurrent.CompletionStage;

/** Takes changes of reported properties into the routes. */
@FunctionalInterface
public interface TwinChanges {

  /**
   * A change that is durable in the twin.
   *
   * @param patch JSON
   * @return completes when it is routed, or is not; never fails
   */
  CompletionStage<?> reported(Identity identity, String patch);
}
