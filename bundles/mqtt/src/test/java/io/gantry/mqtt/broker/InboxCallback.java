package io.gantry.mqtt.broker;

import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/** Puts everything that a client receives into an inbox, also what comes before it subscribes. */
record InboxCallback(Inbox inbox) implements MqttCallback {

  @Override
  public void connectionLost(Throwable cause) {}

  @Override
  public void messageArrived(String topic, MqttMessage message) {
    inbox.messageArrived(topic, message);
  }

  @Override
  public void deliveryComplete(IMqttDeliveryToken token) {}
}
