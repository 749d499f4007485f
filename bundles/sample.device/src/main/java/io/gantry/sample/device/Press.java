package io.gantry.sample.device;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodPayload;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.device.twin.Twin;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A press as a device: sends its temperature, answers the method {@code ping}, and takes its pace
 * from the desired property {@code interval}, in seconds. There is nothing of Gantry in it: the
 * same program speaks to IoT Hub when it gets a connection string from there.
 */
public final class Press {

  private final DeviceClient client;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private volatile long interval = 5;
  private double temperature = 20;

  private Press(DeviceClient client) {
    this.client = client;
  }

  /** System properties: {@code connection}, a connection string; {@code ca}, a PEM file. */
  public static void main(String[] arguments) throws Exception {
    String connection = System.getProperty("connection", "");
    String ca = System.getProperty("ca", "");
    if (connection.isEmpty() || ca.isEmpty()) {
      System.err.println("expected -Dconnection=CONNECTION-STRING and -Dca=FILE");
      System.exit(2);
    }
    ClientOptions options = ClientOptions.builder().sslContext(Trust.in(Path.of(ca))).build();
    try {
      new Press(new DeviceClient(connection, IotHubClientProtocol.MQTT, options)).run();
    } catch (IotHubClientException e) {
      System.err.println("cannot connect: " + e.getStatusCode() + ", " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() throws IotHubClientException, InterruptedException {
    client.setConnectionStatusChangeCallback(
        change -> System.out.println("connection: " + change.getNewStatus()), null);
    // Whoever is refused shall read it at once; later the SDK connects again by itself.
    boolean retry = false;
    client.open(retry);
    client.subscribeToMethods((name, payload, context) -> answer(name, payload), null);
    client.subscribeToDesiredProperties((twin, context) -> follow(twin), null);
    System.out.println("connected; Ctrl-C ends");
    timer.execute(this::send);
  }

  private DirectMethodResponse answer(String name, DirectMethodPayload payload) {
    System.out.println("called: " + name);
    return name.equals("ping")
        ? new DirectMethodResponse(200, payload.getPayloadAsJsonElement())
        : new DirectMethodResponse(404, "there is no method " + name);
  }

  private void follow(Twin change) {
    if (change.getDesiredProperties().get("interval") instanceof Number seconds) {
      interval = Math.max(1, seconds.longValue());
      System.out.println("interval: " + interval + " s");
      TwinCollection reported = new TwinCollection();
      reported.put("interval", interval);
      client.updateReportedPropertiesAsync(
          reported, (status, response, failure, context) -> print("reported", failure), null);
    }
  }

  private void send() {
    temperature += temperature < 30 ? 0.5 : -10;
    String body = String.format(Locale.ROOT, "{\"machine\":{\"temperature\":%.1f}}", temperature);
    Message message = new Message(body);
    message.setContentType("application/json");
    message.setContentEncoding("utf-8");
    client.sendEventAsync(
        message, (sent, failure, context) -> print("stored: " + body, failure), null);
    timer.schedule(this::send, interval, TimeUnit.SECONDS);
  }

  private static void print(String what, @Nullable IotHubClientException failure) {
    System.out.println(failure == null ? what : "failed: " + failure);
  }
}
