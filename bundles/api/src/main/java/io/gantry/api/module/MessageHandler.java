package io.gantry.api.module;

import io.gantry.api.message.Message;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes the messages of one module input. Registered as an OSGi service with the property {@link
 * Input#PROPERTY}; the bundle that registers it decides which module it belongs to.
 *
 * <p>Messages arrive one at a time and in order. How a call ends decides what becomes of the
 * message:
 *
 * <ul>
 *   <li>it returns: the message is done and is never delivered again;
 *   <li>it throws {@link MessageRejectedException}: the message can never be handled; it is not
 *       tried again, and kept as a dead letter for an operator to look at;
 *   <li>it throws anything else: the message stays first in line and is delivered again, after a
 *       pause that grows from 1 s to 60 s; the tenth time (by default) it becomes a dead letter.
 * </ul>
 *
 * <p>Delivery is at least once: after a power cut or a restart of the module a message may come a
 * second time. While no handler is registered for an input its messages wait in the store. A
 * handler that sends a message on should be an {@link AsyncMessageHandler} that returns the stage
 * of {@link ModuleClient#send}: then the old message is kept until the new one is stored.
 */
@ConsumerType
@FunctionalInterface
public interface MessageHandler {

  /**
   * Handles one message. Called on a thread of the runtime, never concurrently for one input; may
   * block, which holds up this input only.
   */
  void onMessage(Message message) throws Exception;
}
