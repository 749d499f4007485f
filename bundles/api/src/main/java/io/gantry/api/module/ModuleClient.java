package io.gantry.api.module;

import io.gantry.api.message.Message;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A module's door to the hub. An OSGi service of bundle scope: each bundle gets its own, which
 * speaks as the module that the bundle was deployed as and cannot speak as another. Bundles that
 * were not deployed as a module get none. Safe for use by any number of threads.
 */
@ProviderType
public interface ModuleClient {

  /** The name of this module in the deployment manifest. */
  String moduleId();

  /**
   * Sends a message on one of this module's outputs. The routes decide where it goes; a message
   * that no route matches is accepted and dropped, and counted as such.
   *
   * @param output the output's name, as in {@code /messages/modules/{module}/outputs/{output}}
   * @return completes when the hub has stored the message durably for every receiver (in memory for
   *     those whose routes say {@code "durability": "memory"}), on a thread of the hub that must
   *     not be blocked; fails with {@link SendException} when the message was refused. Messages
   *     sent one after another by one thread are stored in that order
   */
  CompletionStage<Void> send(String output, Message message);

  /**
   * A folder of this module's own. It outlives restarts, updates and removal of the module, as a
   * container's volume does; the bundle's data area does not.
   */
  Path storage();
}
