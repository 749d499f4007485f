package io.gantry.agent.manifest;

import java.util.List;

/**
 * A manifest that is not taken.
 *
 * @param code {@link #MALFORMED}, {@link #SCHEMA_VERSION} or {@link #EMPTY}
 * @param errors sentences for a person, each with the path of the offending value
 */
public record Rejected(int code, List<String> errors) implements ParsedManifest {

  /** The manifest cannot be understood. */
  public static final int MALFORMED = 400;

  /** The schema version is missing, no version, or one that this agent does not know. */
  public static final int SCHEMA_VERSION = 412;

  /** There is no configuration in it. */
  public static final int EMPTY = 417;

  public Rejected {
    errors = List.copyOf(errors);
  }
}
