package io.gantry.agent.client.log;

import io.gantry.agent.client.payload.Arguments;
import io.gantry.agent.client.payload.BadArgumentException;

/**
 * How a caller wants lines.
 *
 * @param json an array of entries rather than text
 * @param gzip compressed
 */
public record LogForm(boolean json, boolean gzip) {

  /** Text as it is. */
  public static final LogForm TEXT = new LogForm(false, false);

  /** Reads {@code contentType} and {@code encoding}. */
  public static LogForm of(Arguments arguments) throws BadArgumentException {
    return new LogForm(
        arguments.isSecond("contentType", "text", "json"),
        arguments.isSecond("encoding", "none", "gzip"));
  }

  /** How the name of a file of this form ends. */
  public String ending() {
    return (json ? ".json" : ".log") + (gzip ? ".gz" : "");
  }

  /** Its media type. */
  public String mediaType() {
    return json ? "application/json" : "text/plain";
  }
}
