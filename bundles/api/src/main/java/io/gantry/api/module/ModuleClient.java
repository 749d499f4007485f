package io.gantry.api.module;

import io.gantry.api.message.Message;
import java.nio.file.Path;
import java.time.Duration;
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

  /** This module's twin; fails with {@link RequestException}. */
  CompletionStage<Twin> twin();

  /**
   * Changes this module's reported properties.
   *
   * @param patch a JSON object: objects merge, null removes, everything else replaces
   * @return completes with the new version of the reported properties when the change is durable;
   *     fails with {@link RequestException} (400: over a limit of IoT Hub; nothing has changed)
   */
  CompletionStage<Long> report(String patch);

  /**
   * Calls a direct method of a device or of another module that is connected to this gateway.
   *
   * @param target {@code device} or {@code device/module}
   * @param timeout for the answer, 5 to 300 s
   * @return fails with {@link RequestException}
   */
  CompletionStage<MethodResponse> invoke(String target, MethodRequest request, Duration timeout);

  /**
   * A folder of this module's own. It outlives restarts, updates and removal of the module, as a
   * container's volume does; the bundle's data area does not.
   */
  Path storage();
}
