package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.itest.distribution.Identities;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho. */
final class PahoThirdParty extends ThirdPartyClient {

  private final Target target;
  private final String identity;
  private final MqttClient client;

  PahoThirdParty(Target target, String identity, String clientId) throws MqttException {
    this.target = target;
    this.identity = identity;
    String scheme = target.trust().isPresent() ? "ssl" : "tcp";
    String address = scheme + "://127.0.0.1:" + target.port();
    client = new MqttClient(address, clientId, new MemoryPersistence());
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

  static MqttConnectOptions options(String identity, boolean clean) {
    MqttConnectOptions options = Identities.login(new MqttConnectOptions(), identity);
    options.setCleanSession(clean);
    // It counts a message as under way for a moment after its publish has returned.
    options.setMaxInflight(1000);
    options.setSocketFactory(new PromptSockets());
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    return options;
  }

  /** Sockets that trust these only. */
  static SocketFactory tls(TrustManagerFactory trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  boolean connect(boolean clean, Optional<Will> will) throws MqttException {
    MqttConnectOptions options = options(identity, clean);
    target.trust().ifPresent(trust -> options.setSocketFactory(tls(trust)));
    will.ifPresent(
        last ->
            options.setWill(
                last.topic(), last.body().getBytes(UTF_8), last.qos(), last.retained()));
    return client.connectWithResult(options).getSessionPresent();
  }

  @Override
  void subscribe(String filter, int qos) throws MqttException {
    client.subscribe(filter, qos);
  }

  @Override
  void unsubscribe(String filter) throws MqttException {
    client.unsubscribe(filter);
  }

  @Override
  boolean isConnected() {
    return client.isConnected();
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
