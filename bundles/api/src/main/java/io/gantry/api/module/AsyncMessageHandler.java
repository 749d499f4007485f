package io.gantry.api.module;

import io.gantry.api.message.Message;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes the messages of one module input and answers later. Like {@link MessageHandler}, but the
 * message is done when the returned stage completes; a stage that fails means what an exception
 * means there. The next message may be handed over before the stage of the former has completed (16
 * at a time); calls themselves never overlap and come in order.
 */
@ConsumerType
@FunctionalInterface
public interface AsyncMessageHandler {

  /**
   * Starts handling one message.
   *
   * @return a stage that completes when the message is done; its value is ignored
   */
  CompletionStage<?> onMessage(Message message) throws Exception;
}
