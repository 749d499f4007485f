package io.gantry.itest.azure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Reports.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AzureRestartIT {

  private static final int MESSAGES = 200;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Gateway gateway;

  /** How the gateway ends. */
  enum End {
    ORDERLY {
      @Override
      void of(Gateway gateway) {
        gateway.terminate();
      }
    },
    KILLED {
      @Override
      void of(Gateway gateway) {
        gateway.kill();
      }
    };

    abstract void of(Gateway gateway);
  }

  @BeforeAll
  void start(@TempDir Path temp) {
    gateway = Gateway.in(temp.resolve("gantry"));
    gateway.start();
  }

  @AfterAll
  void close() {
    gateway.close();
  }

  /** A device that sends numbers, and a module that its messages are routed to. */
  private final class Pair implements AutoCloseable {

    private final String deviceId;
    private final String moduleId;
    private final Sdk<DeviceClient> device;
    private final Sdk<ModuleClient> module;
    private final Inbox<Integer> arrived = new Inbox<>();
    private final Inbox<Throwable> failures = new Inbox<>();
    private final AtomicInteger acknowledged = new AtomicInteger();

    Pair(IotHubClientProtocol protocol) throws Exception {
      deviceId = gateway.newId("press-" + protocol + "-");
      moduleId = "gateway/" + protocol;
      device = gateway.device(gateway.create(deviceId), protocol).open();
      module = gateway.module(gateway.connection(moduleId), protocol);
      module
          .client()
          .setMessageCallback(
              Gateway.INPUT,
              (message, context) -> {
                arrived.add(Integer.valueOf(new String(message.getBytes(), UTF_8)));
                return IotHubMessageResult.COMPLETE;
              },
              null);
      module.open();
      device.answerPing();
      device.followDesired();
      module.answerPing();
      module.followDesired();
    }

    void send(int from, int to) {
      for (int i = from; i < to; i++) {
        Message message = new Message(Integer.toString(i));
        message.setProperty("to", module.client().getConfig().getModuleId());
        device
            .client()
            .sendEventAsync(
                message,
                (sent, failure, context) -> {
                  if (failure == null) {
                    acknowledged.incrementAndGet();
                  } else {
                    failures.add(failure);
                  }
                },
                null);
      }
    }

    void awaitAcknowledged(int count) {
      Await.until(
          count + " acknowledged to " + deviceId,
          LIMIT,
          () -> acknowledged.get() >= count || !failures.all().isEmpty(),
          () -> acknowledged + " were\n" + gateway.everything());
      assertEquals(List.of(), failures.all());
    }

    /** Nothing subscribes again: both did so once, before the restart. */
    void isReached() {
      for (String identity : List.of(deviceId, moduleId)) {
        JsonObject answer =
            gateway.json(
                "method", "invoke", identity, "ping", "--payload", "1", "--connect-timeout", "60");
        assertEquals(200, answer.get("status").getAsInt());
        gateway.run("twin", "update", identity, "--desired", "{\"" + deviceId + "\":1}");
      }
      for (Sdk<?> client : List.of(device, module)) {
        client.desired().await("the change", properties -> properties.containsKey(deviceId));
      }
    }

    @Override
    public void close() {
      device.close();
      module.close();
    }
  }

  private static int duplicates(String where, List<Integer> numbers) {
    Set<Integer> different = new HashSet<>(numbers);
    Set<Integer> missing =
        IntStream.range(0, MESSAGES)
            .boxed()
            .filter(number -> !different.contains(number))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), missing, where);
    return numbers.size() - different.size();
  }

  /** Both transports live through the same restart. */
  @ParameterizedTest
  @EnumSource
  void nothingIsLostAndNobodyHasToSubscribeAgain(End end, TestReporter reporter) throws Exception {
    try (Pair plain = new Pair(IotHubClientProtocol.MQTT);
        Pair stream = new Pair(IotHubClientProtocol.MQTT_WS)) {
      List<Pair> pairs = List.of(plain, stream);
      for (Pair pair : pairs) {
        pair.send(0, MESSAGES / 2);
      }
      for (Pair pair : pairs) {
        pair.awaitAcknowledged(MESSAGES / 10);
      }
      end.of(gateway);
      for (Pair pair : pairs) {
        pair.send(MESSAGES / 2, MESSAGES);
      }
      gateway.start();
      for (Pair pair : pairs) {
        pair.awaitAcknowledged(MESSAGES);
        pair.isReached();
      }
      for (Pair pair : pairs) {
        String name = pair.deviceId;
        for (int i = 0; i < MESSAGES; i++) {
          pair.arrived.await(name + " " + i, Integer.valueOf(i)::equals);
        }
        reporter.publishEntry(
            name + ", again at the module", "" + duplicates(name, pair.arrived.all()));
        reporter.publishEntry(name + ", again upstream", "" + duplicates(name, upstream(name)));
      }
    }
  }

  private List<Integer> upstream(String id) {
    Await.until(
        "all upstream",
        LIMIT,
        () -> Set.copyOf(numbers(id)).size() == MESSAGES,
        gateway::everything);
    return numbers(id);
  }

  private List<Integer> numbers(String id) {
    List<Integer> numbers = new ArrayList<>();
    for (Event event : gateway.events(one -> one.system("connectionDeviceId").equals(id))) {
      numbers.add(event.json().get("body").getAsInt());
    }
    return numbers;
  }
}
