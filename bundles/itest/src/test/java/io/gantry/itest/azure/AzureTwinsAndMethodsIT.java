package io.gantry.itest.azure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.InternalClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import com.microsoft.azure.sdk.iot.device.edge.DirectMethodRequest;
import com.microsoft.azure.sdk.iot.device.edge.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.twin.Twin;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import io.gantry.itest.distribution.Distribution;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedGateway.class)
class AzureTwinsAndMethodsIT {

  private final Gateway gateway;

  AzureTwinsAndMethodsIT(Gateway gateway) {
    this.gateway = gateway;
  }

  private void desire(String identity, String change) {
    gateway.run("twin", "update", identity, "--desired", change);
  }

  private static boolean has(TwinCollection change, String name, double value) {
    return change.get(name) instanceof Number number && number.doubleValue() == value;
  }

  private void followsItsTwin(String identity, Sdk<? extends InternalClient> client)
      throws Exception {
    desire(identity, "{\"interval\":2,\"deep\":{\"er\":[1,\"ä\",{}]}}");
    client.open();
    client.followDesired();
    Twin twin = client.twin();
    assertTrue(has(twin.getDesiredProperties(), "interval", 2), twin::toString);
    assertEquals(2, twin.getDesiredProperties().getVersion());
    assertTrue(twin.getReportedProperties().isEmpty(), twin::toString);

    int version = client.report("state", Map.of("door", "open – 测")).getVersion();
    JsonObject reported = gateway.json("twin", "show", identity).getAsJsonObject("reported");
    assertEquals("open – 测", reported.getAsJsonObject("state").get("door").getAsString());
    // A request whose response the SDK has lost was sent again.
    assertTrue(reported.get("$version").getAsInt() >= version, reported::toString);

    desire(identity, "{\"interval\":3}");
    client.desired().await("interval 3", change -> has(change, "interval", 3));

    client.close();
    desire(identity, "{\"interval\":4}");
    client.open();
    TwinCollection missed =
        client.desired().await("interval 4", change -> has(change, "interval", 4));
    assertEquals(4, missed.getVersion());
  }

  /** The last change comes to a client that neither subscribes nor asks again. */
  @BothTransports
  void aDeviceReadsReportsAndIsToldWhatChangesAlsoWhileItIsAway(IotHubClientProtocol protocol)
      throws Exception {
    String id = gateway.newId("press");
    try (Sdk<DeviceClient> press = gateway.device(gateway.create(id), protocol)) {
      followsItsTwin(id, press);
    }
  }

  @BothTransports
  void aModuleReadsReportsAndIsToldWhatChangesAlsoWhileItIsAway(IotHubClientProtocol protocol)
      throws Exception {
    String id = "gateway/" + gateway.newId("module");
    try (Sdk<ModuleClient> module = gateway.module(gateway.create(id), protocol)) {
      followsItsTwin(id, module);
    }
  }

  private void answersTheBackEnd(String identity) {
    String payload = "{\"n\":[1,2.5,\"ö\"]}";
    JsonObject answer = gateway.json("method", "invoke", identity, "ping", "--payload", payload);
    assertEquals(200, answer.get("status").getAsInt());
    assertEquals(payload, answer.get("payload").toString());

    Distribution.Result refused = gateway.attempt("method", "invoke", identity, "explode");
    assertEquals(1, refused.exitCode(), refused::toString);
    assertTrue(refused.out().contains("there is no method explode"), refused::toString);
  }

  @BothTransports
  void aDeviceAnswersTheBackEnd(IotHubClientProtocol protocol) throws Exception {
    String id = gateway.newId("press");
    try (Sdk<DeviceClient> press = gateway.device(gateway.create(id), protocol).open()) {
      press.answerPing();
      answersTheBackEnd(id);
    }
  }

  @BothTransports
  void aModuleAnswersTheBackEnd(IotHubClientProtocol protocol) throws Exception {
    String id = "gateway/" + gateway.newId("module");
    try (Sdk<ModuleClient> module = gateway.module(gateway.create(id), protocol).open()) {
      module.answerPing();
      answersTheBackEnd(id);
    }
  }

  @BothTransports
  void aModuleCallsADeviceAndAnotherModule(IotHubClientProtocol protocol) throws Exception {
    if (protocol == IotHubClientProtocol.MQTT) {
      gateway.loopback().assumeHttps();
    }
    String device = gateway.newId("press");
    String module = gateway.newId("module");
    try (Sdk<DeviceClient> press = gateway.device(gateway.create(device), protocol).open();
        Sdk<ModuleClient> callee =
            gateway.module(gateway.create("gateway/" + module), protocol).open();
        Sdk<ModuleClient> caller =
            gateway.module(gateway.create("gateway/" + gateway.newId("caller")), protocol).open()) {
      press.answerPing();
      callee.answerPing();
      DirectMethodRequest ping = new DirectMethodRequest("ping", Map.of("n", "ä"), 60, 60);

      DirectMethodResponse ofDevice = caller.client().invokeMethod(device, ping);
      assertEquals(200, ofDevice.getStatus());
      assertEquals("{\"n\":\"ä\"}", ofDevice.getPayloadAsJsonString());

      DirectMethodResponse ofModule = caller.client().invokeMethod("gateway", module, ping);
      assertEquals(200, ofModule.getStatus());
      assertEquals("{\"n\":\"ä\"}", ofModule.getPayloadAsJsonString());

      DirectMethodRequest none = new DirectMethodRequest("explode", null);
      assertEquals(404, caller.client().invokeMethod(device, none).getStatus());

      IotHubClientException unknown =
          assertThrows(
              IotHubClientException.class, () -> caller.client().invokeMethod("nobody", ping));
      assertEquals(IotHubStatusCode.NOT_FOUND, unknown.getStatusCode(), unknown::toString);
    }
  }
}
