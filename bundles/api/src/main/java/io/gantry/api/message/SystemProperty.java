package io.gantry.api.message;

/**
 * Names of the system properties of a {@link Message}, as IoT Hub spells them in route conditions
 * (IoT Hub message routing query syntax, "System properties"). Names compare without case in route
 * conditions; a {@code Message} keeps them as spelled here.
 */
public final class SystemProperty {

  /** Identifies the message; chosen by the sender or, when absent, by the hub. */
  public static final String MESSAGE_ID = "messageId";

  /** Ties an answer to a request. */
  public static final String CORRELATION_ID = "cid";

  /** The user on whose behalf the message was sent. */
  public static final String USER_ID = "userId";

  /** The address the message is meant for. */
  public static final String TO = "to";

  /** After this instant (ISO 8601) the message is of no use. */
  public static final String EXPIRY_TIME = "absolute-expiry-time";

  /** Media type of the body; {@code application/json} lets routes look into it. */
  public static final String CONTENT_TYPE = "contentType";

  /** Character encoding of the body; {@code utf-8} lets routes look into it. */
  public static final String CONTENT_ENCODING = "contentEncoding";

  /** The module output that the message was sent on; set by the hub. */
  public static final String OUTPUT_NAME = "outputName";

  /** The module input that the message is delivered to; set by the hub. */
  public static final String INPUT_NAME = "inputName";

  /** When the sender made the message (ISO 8601). */
  public static final String CREATION_TIME = "creationTime";

  /** Schema of the body, by agreement between sender and receiver. */
  public static final String MESSAGE_SCHEMA = "messageSchema";

  /** The component of a plug-and-play device that sent the message. */
  public static final String COMPONENT_NAME = "dt-subject";

  /**
   * The device that sent the message; set by the hub, never taken from the sender. A module of the
   * gateway that passes on what it received keeps it, and is named by {@link
   * #CONNECTION_MODULE_ID}.
   */
  public static final String CONNECTION_DEVICE_ID = "connectionDeviceId";

  /** The authenticated module that sent the message; set by the hub, absent for devices. */
  public static final String CONNECTION_MODULE_ID = "connectionModuleId";

  /** When the hub accepted the message (ISO 8601); set by the hub. */
  public static final String ENQUEUED_TIME = "enqueuedTime";

  /** The topic of the local broker that the message was published on; set by the hub. */
  public static final String TOPIC = "topic";

  /** How often routes have handed the message into a topic of the local broker; set by the hub. */
  public static final String HOPS = "hops";

  /**
   * How often a cloud-to-device message was delivered before and not acknowledged, 0 at first; set
   * by the hub.
   */
  public static final String DELIVERY_COUNT = "deliveryCount";

  private SystemProperty() {}
}
