package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.itest.distribution.Identities;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho. */
final class PahoThirdParty extends ThirdPartyClient {

  private final MqttClient client;

  PahoThirdParty(int port, String clientId) throws MqttException {
    client = new MqttClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
    client.setTimeToWait(LIMIT.toMillis());
    client.setCallback(
        new MqttCallback() {
          @Override
          public void messageArrived(String topic, MqttMessage message) {
            String body = new String(message.getPayload(), UTF_8);
            arrived(new Arrived(topic, body, message.getQos(), message.isRetained()));
          }

          @Override
          public void connectionLost(Throwable cause) {}

          @Override
          public void deliveryComplete(IMqttDeliveryToken token) {}
        });
  }

  static MqttConnectOptions options(boolean clean) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(clean);
    // It counts a message as under way for a moment after its publish has returned.
    options.setMaxInflight(1000);
    options.setSocketFactory(new PromptSockets());
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    return options;
  }

  @Override
  boolean connect(boolean clean) throws MqttException {
    return client
        .connectWithResult(Identities.login(options(clean), client.getClientId()))
        .getSessionPresent();
  }

  @Override
  void subscribe(String filter, int qos) throws MqttException {
    client.subscribe(filter, qos);
  }

  @Override
  void publish(String topic, String body, int qos, boolean retained) throws MqttException {
    client.publish(topic, body.getBytes(UTF_8), qos, retained);
  }

  @Override
  void disconnect() throws MqttException {
    if (client.isConnected()) {
      client.disconnect();
    }
  }
}
