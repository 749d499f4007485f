package io.gantry.spi.session;

/** The hub does not let a client in; the text says why. */
public final class ConnectionRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean temporary;

  /**
   * @param text why, without secrets
   * @param temporary whether trying again later makes sense (the hub is not ready yet)
   */
  public ConnectionRefusedException(String text, boolean temporary) {
    super(text);
    this.temporary = temporary;
  }

  /** Whether trying again later makes sense. */
  public boolean temporary() {
    return temporary;
  }
}
