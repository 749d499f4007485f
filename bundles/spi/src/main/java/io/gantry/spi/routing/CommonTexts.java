package io.gantry.spi.routing;

import io.gantry.api.message.SystemProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts that nearly every record holds: the names of system properties, and what JSON messages say
 * of their bodies. Reading a record finds them here instead of making them again, and with them the
 * hash by which maps find them.
 */
final class CommonTexts {

  private static final String[] ALL = {
    SystemProperty.MESSAGE_ID,
    SystemProperty.CORRELATION_ID,
    SystemProperty.USER_ID,
    SystemProperty.TO,
    SystemProperty.EXPIRY_TIME,
    SystemProperty.CONTENT_TYPE,
    SystemProperty.CONTENT_ENCODING,
    SystemProperty.OUTPUT_NAME,
    SystemProperty.INPUT_NAME,
    SystemProperty.CREATION_TIME,
    SystemProperty.MESSAGE_SCHEMA,
    SystemProperty.COMPONENT_NAME,
    SystemProperty.TOPIC,
    SystemProperty.HOPS,
    SystemProperty.CONNECTION_DEVICE_ID,
    SystemProperty.CONNECTION_MODULE_ID,
    SystemProperty.ENQUEUED_TIME,
    "application/json",
    "utf-8"
  };

  private static final int LONGEST = 20;

  /** Those of each length; they are few, and mostly the first byte tells them apart. */
  private static final String[][] BY_LENGTH = byLength();

  private CommonTexts() {}

  private static String[][] byLength() {
    String[][] found = new String[LONGEST + 1][];
    for (int length = 0; length <= LONGEST; length++) {
      List<String> these = new ArrayList<>();
      for (String text : ALL) {
        if (text.length() == length) {
          these.add(text);
        }
      }
      found[length] = these.toArray(String[]::new);
    }
    return found;
  }

  /** The text that these bytes are in UTF-8; null when it is none of the common ones. */
  static @Nullable String find(byte[] bytes, int start, int length) {
    if (length > LONGEST) {
      return null;
    }
    for (String text : BY_LENGTH[length]) {
      if (matches(text, bytes, start)) {
        return text;
      }
    }
    return null;
  }

  private static boolean matches(String text, byte[] bytes, int start) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != bytes[start + i]) {
        return false;
      }
    }
    return true;
  }
}
