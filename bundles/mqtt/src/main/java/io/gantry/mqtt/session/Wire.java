package io.gantry.mqtt.session;

import io.gantry.api.message.Payload;

/** What a client's side of the hub needs of its connection. On the event loop, where not noted. */
public interface Wire {

  /** Runs a task on the event loop. Any thread. */
  void execute(Runnable task);

  /** Acknowledges a QoS 1 message of the client. */
  void acknowledge(int packetId);

  /**
   * Sends a message.
   *
   * @param qos 0 or 1
   * @return its packet id; 0 for QoS 0
   */
  int publish(String topic, int qos, Payload body);

  /** Lets out what was written. */
  void flush();

  /** There is room again for messages of the client. */
  void resume();

  /** Ends the connection; the text is for the log. */
  void close(String reason);

  /**
   * Reads nothing more and ends the connection after a while: what was sent cannot be taken now,
   * and a client that were let go at once would come back at once with the same.
   */
  void closeLater(String reason);
}
