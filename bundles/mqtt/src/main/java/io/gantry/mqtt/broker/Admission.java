package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.ClientRights;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.time.Instant;

/** What came of a login. */
sealed interface Admission {

  /**
   * The client is let in.
   *
   * @param known whether it has proved who it is
   * @param rights what it may do on free topics
   * @param until when it has to log in again
   */
  record Welcome(boolean known, ClientRights rights, Instant until) implements Admission {

    /** For somebody whom nobody asked. */
    static final Welcome ANONYMOUS = new Welcome(false, ClientRights.ALL, Instant.MAX);
  }

  /**
   * The client is not let in.
   *
   * @param text for the log
   */
  record Refusal(MqttConnectReturnCode code, String text) implements Admission {}
}
