package io.gantry.hub.cloud;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the back end sends to devices. A message waits in a queue of its device like one for an
 * input; the pumps of routing deliver it, in order, and count in vain deliveries. Runs on the
 * caller's thread and blocks nowhere.
 */
public final class CloudMessages implements DeviceMessages {

  private static final Logger LOG = LoggerFactory.getLogger(CloudMessages.class);

  /** So many may wait for one device (IoT Hub quotas). */
  static final int MOST_WAITING = 50;

  static final int MOST_ID = 128;
  private static final Duration LIFE = Duration.ofHours(1);

  /** What says who sent a message, and where it has been, says the hub. */
  private static final Set<String> OURS =
      Set.of(
          SystemProperty.CONNECTION_DEVICE_ID,
          SystemProperty.CONNECTION_MODULE_ID,
          SystemProperty.INPUT_NAME,
          SystemProperty.OUTPUT_NAME,
          SystemProperty.TOPIC,
          SystemProperty.HOPS,
          SystemProperty.DELIVERY_COUNT);

  private final Identity gateway;
  private final IdentityRegistry identities;
  private final Router router;
  private final RouteTable queues;
  private final InstantSource clock;

  /** By device, how many are on their way to the store and not counted by it. */
  private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

  /**
   * @param deviceId the device id of this gateway
   */
  public CloudMessages(
      String deviceId,
      IdentityRegistry identities,
      Router router,
      RouteTable queues,
      InstantSource clock) {
    gateway = new DeviceIdentity(deviceId);
    this.identities = identities;
    this.router = router;
    this.queues = queues;
    this.clock = clock;
  }

  @Override
  public CompletionStage<SendResult> send(
      String deviceId, Message message, Optional<Instant> expiry) {
    Instant now = clock.instant();
    Optional<Instant> until;
    try {
      requireDevice(deviceId);
      until = expiry.isPresent() ? expiry : said(message);
      requireFit(message, until, now);
    } catch (IllegalArgumentException malformed) {
      return refused(Reason.INVALID, deviceId, malformed.getMessage());
    }
    if (message.size() > MAX_SIZE) {
      return refused(
          Reason.TOO_LARGE,
          deviceId,
          "expected at most " + MAX_SIZE + " bytes with its properties, found " + message.size());
    }
    EndpointAddress address = new EndpointAddress.Device(deviceId);
    if (!enter(deviceId, address)) {
      return refused(
          Reason.INVALID,
          deviceId,
          MOST_WAITING + " messages wait for it; try again when it has taken some");
    }
    String to = "/devices/" + deviceId + "/messages/deviceBound";
    RoutedMessage routed = new RoutedMessage(to, gateway, now, stamp(message, to, until, now));
    return router
        .send(address, routed, seconds(until.orElseGet(() -> now.plus(LIFE))))
        .handle((stored, failure) -> result(deviceId, failure));
  }

  private void requireDevice(String deviceId) {
    if (identities.find(new DeviceIdentity(deviceId)).isEmpty()) {
      throw new IllegalArgumentException("there is no such device");
    }
  }

  private static Optional<Instant> said(Message message) {
    return message
        .systemProperty(SystemProperty.EXPIRY_TIME)
        .map(
            text -> {
              try {
                return OffsetDateTime.parse(text).toInstant();
              } catch (DateTimeException malformed) {
                throw new IllegalArgumentException(
                    SystemProperty.EXPIRY_TIME
                        + ": expected a time as 2026-01-01T00:00:00Z, found '"
                        + text
                        + "'",
                    malformed);
              }
            });
  }

  private static void requireFit(Message message, Optional<Instant> until, Instant now) {
    if (until.isPresent() && !until.get().isAfter(now)) {
      throw new IllegalArgumentException("it expired at " + until.get());
    }
    int length = message.systemProperty(SystemProperty.MESSAGE_ID).orElse("").length();
    if (length > MOST_ID) {
      throw new IllegalArgumentException(
          SystemProperty.MESSAGE_ID
              + ": expected at most "
              + MOST_ID
              + " characters, found "
              + length);
    }
  }

  /** To the second, and never too early. */
  private static long seconds(Instant until) {
    return until.getEpochSecond() + (until.getNano() > 0 ? 1 : 0);
  }

  private static Message stamp(Message message, String to, Optional<Instant> until, Instant now) {
    Map<String, String> system = new LinkedHashMap<>(message.systemProperties());
    system.keySet().removeAll(OURS);
    system.put(SystemProperty.TO, to);
    system.put(SystemProperty.ENQUEUED_TIME, now.toString());
    until.ifPresent(time -> system.put(SystemProperty.EXPIRY_TIME, time.toString()));
    system.computeIfAbsent(SystemProperty.MESSAGE_ID, absent -> UUID.randomUUID().toString());
    return new Message(message.body(), message.properties(), system);
  }

  /** Takes one of the places, unless all are taken. */
  private boolean enter(String deviceId, EndpointAddress address) {
    boolean[] entered = {false};
    underWay.compute(
        deviceId,
        (device, count) -> {
          int others = count == null ? 0 : count;
          entered[0] = router.waiting(address) + others < MOST_WAITING;
          return entered[0] ? Integer.valueOf(others + 1) : count;
        });
    return entered[0];
  }

  private SendResult result(String deviceId, @Nullable Throwable failure) {
    underWay.computeIfPresent(deviceId, (device, count) -> count == 1 ? null : count - 1);
    if (failure == null) {
      return SendResult.Accepted.INSTANCE;
    }
    SendResult.Rejected refusal = SendResult.Rejected.notStored(failure);
    return rejected(refusal.reason(), deviceId, refusal.text());
  }

  private static CompletionStage<SendResult> refused(
      Reason reason, String deviceId, @Nullable String text) {
    return CompletableFuture.completedFuture(rejected(reason, deviceId, text));
  }

  private static SendResult rejected(Reason reason, String deviceId, @Nullable String text) {
    return new SendResult.Rejected(reason, "Message for " + deviceId + ": " + text);
  }

  /** A device was deleted, and what waits for it goes. Any thread. */
  public void forget(String deviceId) {
    queues
        .purge(new EndpointAddress.Device(deviceId).id())
        .whenComplete(
            (purged, failure) -> {
              if (failure != null) {
                LOG.error("What waits for {}, which is deleted, stays", deviceId, failure);
              }
            });
  }
}
