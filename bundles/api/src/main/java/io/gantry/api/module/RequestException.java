package io.gantry.api.module;

/**
 * The hub or the other side could not do what it was asked. The status is that of HTTP, as IoT Hub
 * uses it for twins and direct methods: 400 malformed or over a limit, 404 unknown or not
 * connected, 412 of another version, 429 too many at a time, 503 not there now, 504 no answer in
 * time.
 */
public final class RequestException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status three digits
   * @param text what was attempted, on what, expected against found; no secret
   */
  public RequestException(int status, String text) {
    super(text);
    this.status = status;
  }

  /** The kind of obstacle. */
  public int status() {
    return status;
  }
}
