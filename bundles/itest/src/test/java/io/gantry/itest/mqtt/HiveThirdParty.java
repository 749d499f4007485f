package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3ConnectBuilder;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAck;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.gantry.itest.distribution.Identities;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The client of HiveMQ. */
final class HiveThirdParty extends ThirdPartyClient {

  private final String identity;
  private final Mqtt3AsyncClient client;

  HiveThirdParty(Target target, String identity, String clientId) {
    this.identity = identity;
    Mqtt3ClientBuilder builder =
        MqttClient.builder()
            .useMqttVersion3()
            .identifier(clientId)
            .serverHost("127.0.0.1")
            .serverPort(target.port());
    target
        .trust()
        .map(trust -> MqttClientSslConfig.builder().trustManagerFactory(trust).build())
        .ifPresent(builder::sslConfig);
    client = builder.buildAsync();
    client.publishes(MqttGlobalPublishFilter.ALL, this::take);
  }

  private void take(Mqtt3Publish publish) {
    String body = new String(publish.getPayloadAsBytes(), UTF_8);
    String topic = publish.getTopic().toString();
    arrived(new Arrived(topic, body, publish.getQos().getCode(), publish.isRetain()));
  }

  private static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  boolean connect(boolean clean, Optional<Will> will) throws Exception {
    Mqtt3ConnectBuilder.Send<CompletableFuture<Mqtt3ConnAck>> connect =
        client
            .connectWith()
            .cleanSession(clean)
            .simpleAuth()
            .username(identity)
            .password(Identities.token(identity).getBytes(UTF_8))
            .applySimpleAuth();
    if (will.isPresent()) {
      Will last = will.get();
      connect =
          connect
              .willPublish()
              .topic(last.topic())
              .payload(last.body().getBytes(UTF_8))
              .qos(level(last.qos()))
              .retain(last.retained())
              .applyWillPublish();
    }
    return get(connect.send()).isSessionPresent();
  }

  @Override
  void subscribe(String filter, int qos) throws Exception {
    get(client.subscribeWith().topicFilter(filter).qos(level(qos)).send());
  }

  @Override
  void unsubscribe(String filter) throws Exception {
    get(client.unsubscribeWith().topicFilter(filter).send());
  }

  @Override
  boolean isConnected() {
    return client.getState().isConnected();
  }

  @Override
  void publish(String topic, String body, int qos, boolean retained) throws Exception {
    get(publishing(topic, body.getBytes(UTF_8), qos, retained));
  }

  /** Publishes without waiting; completes with the broker's acknowledgement. */
  CompletableFuture<Mqtt3Publish> publishing(String topic, byte[] body, int qos, boolean retained) {
    return client.publishWith().topic(topic).payload(body).qos(level(qos)).retain(retained).send();
  }

  private static MqttQos level(int qos) {
    MqttQos level = MqttQos.fromCode(qos);
    if (level == null) {
      throw new IllegalArgumentException("QoS: expected 0 to 2, found " + qos);
    }
    return level;
  }

  @Override
  void disconnect() throws Exception {
    if (client.getState().isConnected()) {
      get(client.disconnect());
    }
  }
}
