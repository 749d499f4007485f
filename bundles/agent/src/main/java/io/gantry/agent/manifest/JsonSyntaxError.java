package io.gantry.agent.manifest;

/** A text is no JSON; the message says where, and never quotes the text, which may hold secrets. */
final class JsonSyntaxError extends Exception {

  private static final long serialVersionUID = 1L;

  JsonSyntaxError(String where, String what) {
    super(where + ": " + what);
  }
}
