package io.gantry.mqtt.topic;

/** A property bag that cannot be read; the text says why and holds no values. */
public final class MalformedBagException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedBagException(String text) {
    super(text);
  }
}
