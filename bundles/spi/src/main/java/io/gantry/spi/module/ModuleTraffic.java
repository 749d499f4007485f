package io.gantry.spi.module;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Decides which generation of a module is given what comes in for it: messages, method calls and
 * changes of its desired properties. Of a module of which nothing was said it is the newest. What
 * is not given to anybody waits where it is kept. Any thread.
 */
@ProviderType
public interface ModuleTraffic {

  /** Is told of handlers that hang. */
  @ConsumerType
  @FunctionalInterface
  interface Listener {

    /**
     * A handler of the module has not come back for too long, or the last of them has come back.
     * Must only enqueue.
     *
     * @param problem a sentence for a person; empty when nothing hangs any more
     */
    void hangs(ModuleLocation generation, Optional<String> problem);
  }

  /**
   * Gets to know the handlers that this generation has registered so far. A component that is made
   * when it is asked for has been asked for behind this, so whoever judges a generation by its
   * components meets it first.
   *
   * @return completes when all are known, with a sentence for a person when one of them cannot be
   *     had; never fails
   */
  CompletionStage<Optional<String>> meet(ModuleLocation generation);

  /**
   * From now on this generation, and no other, is given what comes in.
   *
   * @return completes when what others were given is answered; never fails
   */
  CompletionStage<Void> serve(ModuleLocation generation);

  /**
   * From now on no generation is given anything, until {@link #serve}.
   *
   * @return completes when what they were given is answered; never fails
   */
  CompletionStage<Void> hold(String module);

  /** The module is no more: nothing was said of it. */
  void forget(String module);

  /** Tells the listener, at once of what hangs now. */
  AutoCloseable listen(Listener listener);
}
