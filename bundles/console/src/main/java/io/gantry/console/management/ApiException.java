package io.gantry.console.management;

/** A request that is answered with an error: an HTTP status and a sentence. */
final class ApiException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  ApiException(int status, String text) {
    super(text);
    this.status = status;
  }

  int status() {
    return status;
  }
}
