package io.gantry.spi.twin;

import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Twins from the side of the back end. Safe for use by any number of threads. */
@ProviderType
public interface Twins {

  /** The twin of a registered identity; fails with {@code RequestException} (404). */
  CompletionStage<Twin> get(Identity identity);

  /**
   * Changes desired properties; whoever has subscribed to them is told, now or when it comes back.
   *
   * @param patch a JSON object: objects merge, null removes, everything else replaces
   * @return completes with the changed twin when it is durable; fails with {@code RequestException}
   *     (400 malformed or over a limit, 404)
   */
  CompletionStage<Twin> updateDesired(Identity identity, String patch);

  /**
   * Makes these the desired properties, in the place of all that were. What is so already is not
   * changed, and nobody is told.
   *
   * @param desired a JSON object
   * @return as for {@link #updateDesired}
   */
  CompletionStage<Twin> replaceDesired(Identity identity, String desired);
}
