package io.gantry.spi.security;

import io.gantry.spi.identity.Identity;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Decides whether a client is who it says. Asks the registry of this gateway; on a gateway with a
 * parent, the parent. Safe for use by any number of threads.
 */
@ProviderType
public interface Authenticator {

  /**
   * Examines credentials. Takes the same time whatever is wrong with a token. After many failures
   * of an identity from an address the next ones are refused unseen for a while.
   *
   * @param claimed who the client says it is
   * @param from where it connects from
   * @return completes at once where nobody else has to be asked, otherwise on any thread; never
   *     fails
   */
  CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from);
}
