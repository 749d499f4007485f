package io.gantry.hub.subscriber;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientSession;

/**
 * A connected client as those see it who tell it something. Two connections of one identity are two
 * subscribers; they are compared by identity of the object.
 */
public interface Subscriber {

  /** Who it is. */
  Identity identity();

  /** The way to it. */
  ClientSession session();

  /**
   * Whether its connection is there. Once it is not, it never is again, and a connection that
   * replaces it comes later than that.
   */
  boolean isOpen();
}
