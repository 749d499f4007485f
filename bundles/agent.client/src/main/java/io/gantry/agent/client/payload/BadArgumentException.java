package io.gantry.agent.client.payload;

/** What a caller asks for makes no sense; the text is for the caller and says why. */
public final class BadArgumentException extends Exception {

  private static final long serialVersionUID = 1L;

  public BadArgumentException(String text) {
    super(text);
  }
}
