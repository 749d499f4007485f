package io.gantry.itest.framework;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.itest.Await;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.Listener;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The contracts between our bundles, used by a bundle that is no module, on the sample deployment.
 */
@ExtendWith(InFramework.class)
class ServicesIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject private BundleContext context;
  @Inject private QueueStore queues;
  @Inject private TableStore tables;
  @Inject private ClientGateway hub;
  @Inject private EventLog events;
  @Inject private Deployments deployments;

  @BeforeEach
  void awaitDeployment() {
    Await.until(
        "sample deployment",
        LIMIT,
        () -> running().equals(List.of("filter", "sensor")),
        () -> "" + deployments.modules());
  }

  private List<String> running() {
    return deployments.modules().stream()
        .filter(module -> module.status().equals("running"))
        .map(module -> module.name())
        .toList();
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aRecordOfTwoQueuesStaysInTheOneThatHasNotCommitted() throws Exception {
    MessageQueue one = queues.queue("itest-one");
    MessageQueue two = queues.queue("itest-two");
    byte[] record = "record".getBytes(UTF_8);
    long offset = get(queues.append(record, List.of("itest-one", "itest-two")));

    one.commit(offset);
    assertEquals(List.of(), one.read(one.committed(), 10, 1_000));
    List<MessageQueue.Entry> left = two.read(two.committed(), 10, 1_000);
    assertEquals(List.of(offset), left.stream().map(MessageQueue.Entry::offset).toList());
    assertArrayEquals(record, left.get(0).record());

    one.remove();
    two.remove();
  }

  @Test
  void aTableHasWhatWasPutUntilItIsRemoved() throws Exception {
    Table table = tables.table("itest");
    get(table.put("key", "value".getBytes(UTF_8)));
    assertEquals(Set.of("key"), tables.table("itest").keys());
    assertArrayEquals("value".getBytes(UTF_8), table.get("key").orElseThrow());
    get(table.remove("key"));
    assertEquals(Optional.empty(), table.get("key"));
  }

  /** From a protocol head's place: over both routes and through the filter. */
  @Test
  void whatADeviceSendsGoesThroughTheFilterUpstream() throws Exception {
    ClientConnection connection = hub.connect(new DeviceIdentity("oven"), new Session());
    SendResult result =
        get(connection.send(Optional.empty(), Message.json("{\"machine\":{\"temperature\":250}}")));
    assertInstanceOf(SendResult.Accepted.class, result);
    Await.until("the alert", LIMIT, () -> !alertsOf("oven").isEmpty());
    connection.close();

    Message alert = alertsOf("oven").get(0);
    assertEquals(Optional.of("Alert"), alert.property("MessageType"));
    assertEquals(Optional.of("filter"), alert.systemProperty(SystemProperty.CONNECTION_MODULE_ID));
  }

  private List<Message> alertsOf(String device) {
    List<Message> found = new ArrayList<>();
    try {
      for (EventLog.Event event : events.read(events.first(), 10_000)) {
        if (event
            .message()
            .systemProperty(SystemProperty.CONNECTION_DEVICE_ID)
            .equals(Optional.of(device))) {
          found.add(event.message());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  @Test
  void aSecondConnectionOfADeviceEndsTheFirst() throws Exception {
    Session first = new Session();
    ClientConnection old = hub.connect(new DeviceIdentity("twice"), first);
    ClientConnection young = hub.connect(new DeviceIdentity("twice"), new Session());

    assertEquals(List.of(CloseReason.REPLACED), first.closed);
    SendResult result = get(old.send(Optional.empty(), Message.json("{}")));
    assertEquals(
        SendResult.Reason.CLOSED, assertInstanceOf(SendResult.Rejected.class, result).reason());
    assertInstanceOf(
        SendResult.Accepted.class, get(young.send(Optional.empty(), Message.json("{}"))));
    young.close();
  }

  @Test
  void theDoorsAreOpen() throws InvalidSyntaxException {
    Await.until("the door for MQTT", LIMIT, () -> open().contains("mqtt"), () -> "" + open());
    assertTrue(deployments.reported().contains("\"filter\""), deployments.reported());
    assertEquals(1, context.getAllServiceReferences(null, "(osgi.command.scope=gantry)").length);
  }

  private List<String> open() {
    List<String> open = new ArrayList<>();
    try {
      for (ServiceReference<Listener> reference :
          context.getServiceReferences(Listener.class, null)) {
        Listener listener = context.getService(reference);
        listener.endpoint().ifPresent(endpoint -> open.add(listener.protocol()));
        context.ungetService(reference);
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
    return open;
  }

  /** A device that is only told when its connection ends. */
  private static final class Session implements ClientSession {

    private final List<CloseReason> closed = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Delivery> deliver(String input, Message message) {
      return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }

    @Override
    public void close(CloseReason reason) {
      closed.add(reason);
    }
  }
}
