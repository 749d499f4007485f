package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttConnectReturnCode;

/** A CONNECT that is answered with a refusal. */
final class LoginRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final MqttConnectReturnCode code;

  LoginRefusedException(MqttConnectReturnCode code, String text) {
    super(text);
    this.code = code;
  }

  MqttConnectReturnCode code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
