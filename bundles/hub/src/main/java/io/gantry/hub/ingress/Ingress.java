package io.gantry.hub.ingress;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Hops;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets messages in: holds the size limit, takes from the message what only the hub may say, writes
 * the authenticated sender, the time and an id on it, and hands it to the routes. Runs on the
 * caller's thread and blocks nowhere.
 */
public final class Ingress {

  private static final Logger LOG = LoggerFactory.getLogger(Ingress.class);

  /** A message that was handed on so often goes round in a circle. */
  private static final int MOST_HOPS = 8;

  private final String deviceId;
  private final Router router;
  private final InstantSource clock;
  private final Drops drops;

  /** Unlike one random id a message, this costs nothing and is as unique. */
  private final String idPrefix = UUID.randomUUID() + "-";

  private final AtomicLong nextId = new AtomicLong();
  private final Timestamps timestamps = new Timestamps();

  /**
   * @param deviceId the device id of this gateway
   */
  public Ingress(String deviceId, Router router, InstantSource clock, Drops drops) {
    this.deviceId = deviceId;
    this.router = router;
    this.clock = clock;
    this.drops = drops;
  }

  /** Routes one message of an authenticated sender; see {@code ClientConnection.send}. */
  public CompletionStage<SendResult> accept(
      Identity sender, Optional<String> output, Message message) {
    int size = message.size();
    if (size > ClientGateway.MAX_MESSAGE_SIZE) {
      return tooLarge(sender, size);
    }
    Instant now = clock.instant();
    Message stamped = stamp(sender, output, message, now);
    return router
        .route(new RoutedMessage(source(sender, output), sender, now, stamped))
        .handle((routed, failure) -> result(sender, failure));
  }

  /** Whether some route looks at messages on this topic. */
  public boolean wantsTopic(String topic) {
    return router.isWanted(MessageSource.topic(topic));
  }

  /** Routes one message of the local broker; see {@code ClientGateway.publish}. */
  public CompletionStage<SendResult> publish(String topic, Message message) {
    Identity self = new DeviceIdentity(deviceId);
    if (message.size() > ClientGateway.MAX_MESSAGE_SIZE) {
      return tooLarge(self, message.size());
    }
    if (Hops.of(message) > MOST_HOPS) {
      drops.dropped(
          DropReason.HOP_LIMIT,
          "topic " + topic,
          "routes have handed it into topics " + MOST_HOPS + " times");
      return CompletableFuture.completedFuture(SendResult.Accepted.INSTANCE);
    }
    Instant now = clock.instant();
    Message stamped =
        stamp(self, Optional.empty(), message, now).withSystemProperty(SystemProperty.TOPIC, topic);
    return router
        .route(new RoutedMessage(MessageSource.topic(topic), self, now, stamped))
        .handle((routed, failure) -> result(self, failure));
  }

  /**
   * Routes a change of reported properties, which is stored already, if some route looks at such
   * changes. They are not counted against the size limit, the twin has its own.
   *
   * @param patch JSON
   * @return completes when it is routed, or cannot be; never fails
   */
  public CompletionStage<?> reported(Identity sender, String patch) {
    if (!router.isWanted(MessageSource.TWIN_CHANGE)) {
      return CompletableFuture.completedFuture(SendResult.Accepted.INSTANCE);
    }
    Message change =
        Message.json("{\"properties\":{\"reported\":" + patch + "}}")
            .withProperty("opType", "updateTwin")
            .withProperty("deviceId", sender.deviceId())
            .withSystemProperty(SystemProperty.MESSAGE_SCHEMA, "twinChangeNotification");
    if (sender instanceof ModuleIdentity module) {
      change = change.withProperty("moduleId", module.moduleId());
    }
    Instant now = clock.instant();
    Message stamped = stamp(sender, Optional.empty(), change, now);
    return router
        .route(new RoutedMessage(MessageSource.TWIN_CHANGE, sender, now, stamped))
        .handle((routed, failure) -> result(sender, failure))
        .whenComplete(
            (result, never) -> {
              if (result instanceof SendResult.Rejected lost) {
                LOG.warn(
                    "A change of the twin of {} is stored and was not routed: {}",
                    sender,
                    lost.text());
              }
            });
  }

  private CompletionStage<SendResult> tooLarge(Identity sender, int size) {
    String text =
        "Message of "
            + sender
            + ": expected at most "
            + ClientGateway.MAX_MESSAGE_SIZE
            + " bytes with its properties, found "
            + size;
    drops.dropped(DropReason.TOO_LARGE, sender.id(), size + " bytes");
    return CompletableFuture.completedFuture(new SendResult.Rejected(Reason.TOO_LARGE, text));
  }

  private Message stamp(Identity sender, Optional<String> output, Message message, Instant now) {
    Map<String, String> system = new LinkedHashMap<>(message.systemProperties());
    system.remove(SystemProperty.CONNECTION_MODULE_ID);
    system.remove(SystemProperty.INPUT_NAME);
    system.remove(SystemProperty.OUTPUT_NAME);
    if (!isOurs(sender)) {
      system.remove(SystemProperty.TOPIC);
      system.remove(SystemProperty.HOPS);
    }
    output.ifPresent(name -> system.put(SystemProperty.OUTPUT_NAME, name));
    system.put(SystemProperty.CONNECTION_DEVICE_ID, device(sender, message));
    if (sender instanceof ModuleIdentity module) {
      system.put(SystemProperty.CONNECTION_MODULE_ID, module.moduleId());
    }
    system.put(SystemProperty.ENQUEUED_TIME, timestamps.text(now));
    if (!system.containsKey(SystemProperty.MESSAGE_ID)) {
      system.put(SystemProperty.MESSAGE_ID, idPrefix + nextId.incrementAndGet());
    }
    return new Message(message.body(), message.properties(), system);
  }

  /** The gateway itself and its modules say where a message has been when they pass it on. */
  private boolean isOurs(Identity sender) {
    return sender.deviceId().equals(deviceId);
  }

  /**
   * A module of this gateway that passes a device's message on keeps the device's name on it;
   * everybody else is who connected. The module itself is always named beside it.
   */
  private String device(Identity sender, Message message) {
    return isOurs(sender) && sender instanceof ModuleIdentity
        ? message.systemProperty(SystemProperty.CONNECTION_DEVICE_ID).orElse(deviceId)
        : sender.deviceId();
  }

  private static String source(Identity sender, Optional<String> output) {
    if (!(sender instanceof ModuleIdentity module)) {
      return MessageSource.DEVICE;
    }
    return output
        .map(name -> MessageSource.moduleOutput(module.moduleId(), name))
        .orElseGet(() -> MessageSource.module(module.moduleId()));
  }

  private SendResult result(Identity sender, @Nullable Throwable failure) {
    if (failure == null) {
      return SendResult.Accepted.INSTANCE;
    }
    SendResult.Rejected refusal = SendResult.Rejected.notStored(failure);
    if (refusal.reason() == Reason.STORE_FULL) {
      drops.dropped(DropReason.STORE_FULL, sender.id(), refusal.text());
    }
    return refusal;
  }
}
