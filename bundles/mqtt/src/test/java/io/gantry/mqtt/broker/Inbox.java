package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/** What a subscriber has received. */
final class Inbox implements IMqttMessageListener {

  record Received(String topic, String text, int qos, boolean retained) {}

  final BlockingQueue<Received> messages = new LinkedBlockingQueue<>();

  @Override
  public void messageArrived(String topic, MqttMessage message) {
    messages.add(
        new Received(
            topic,
            new String(message.getPayload(), UTF_8),
            message.getQos(),
            message.isRetained()));
  }

  Received next() throws InterruptedException {
    Received next = messages.poll(60, TimeUnit.SECONDS);
    assertNotNull(next, "no message came within 60 s");
    return next;
  }

  void assertNext(String topic, String text) throws InterruptedException {
    Received next = next();
    assertEquals(topic + "=" + text, next.topic() + "=" + next.text());
  }
}
