package io.gantry.spi.twin;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.Twin;

/** Twins as clients of IoT Hub see them: with the version inside, as {@code $version}. */
public final class TwinJson {

  private TwinJson() {}

  /** {@code {"desired":{...,"$version":n},"reported":{...,"$version":n}}}. */
  public static String of(Twin twin) {
    return "{\"desired\":"
        + withVersion(twin.desired(), twin.desiredVersion())
        + ",\"reported\":"
        + withVersion(twin.reported(), twin.reportedVersion())
        + "}";
  }

  /** The patch with its version. */
  public static String of(DesiredChange change) {
    return withVersion(change.patch(), change.version());
  }

  private static String withVersion(String object, long version) {
    String text = object.strip();
    if (!text.startsWith("{") || !text.endsWith("}")) {
      throw new IllegalArgumentException(
          "twin: expected a JSON object of " + text.length() + " characters, found something else");
    }
    String inner = text.substring(1, text.length() - 1).strip();
    return "{" + (inner.isEmpty() ? "" : inner + ",") + "\"$version\":" + version + "}";
  }
}
