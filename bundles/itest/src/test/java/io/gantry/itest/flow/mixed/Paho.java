package io.gantry.itest.flow.mixed;

import io.gantry.itest.distribution.Identities;
import io.gantry.itest.mqtt.PromptSockets;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** One connection by Eclipse Paho, which keeps nothing when it ends. */
abstract class Paho implements MqttCallback, AutoCloseable {

  private static final long ANSWER_MILLIS = TimeUnit.SECONDS.toMillis(20);
  private static final int MOST_ON_THEIR_WAY = 1_000;

  private final MqttAsyncClient client;
  private volatile boolean broken;

  Paho(int port, String clientId) {
    try {
      client = new MqttAsyncClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
    } catch (MqttException e) {
      throw new IllegalStateException(e);
    }
    client.setManualAcks(true);
    client.setCallback(this);
  }

  /** Whether somebody listens and lets it in. */
  boolean connect() {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setCleanSession(true);
    options.setMaxInflight(MOST_ON_THEIR_WAY);
    options.setSocketFactory(new PromptSockets());
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    try {
      client
          .connect(Identities.login(options, client.getClientId()))
          .waitForCompletion(ANSWER_MILLIS);
      return true;
    } catch (MqttException e) {
      return false;
    }
  }

  MqttAsyncClient client() {
    return client;
  }

  boolean isBroken() {
    return broken;
  }

  void broke() {
    broken = true;
  }

  /** Tries something that a connection which ends can make fail. */
  void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (MqttException e) {
      broken = true;
    }
  }

  /** Something that needs a connection. */
  interface Attempt {
    void run() throws MqttException;
  }

  static long answerMillis() {
    return ANSWER_MILLIS;
  }

  @Override
  public void connectionLost(Throwable cause) {
    broken = true;
  }

  @Override
  public void messageArrived(String topic, MqttMessage message) throws MqttException {
    throw new IllegalStateException("not subscribed: " + topic);
  }

  @Override
  public void deliveryComplete(IMqttDeliveryToken token) {}

  /** Lets the connection fall, without a word. */
  @Override
  public void close() {
    attempt(() -> client.disconnectForcibly(0, 0, false));
    attempt(() -> client.close(true));
  }
}
