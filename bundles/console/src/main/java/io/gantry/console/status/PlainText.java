package io.gantry.console.status;

import io.gantry.api.message.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Text that came from elsewhere, made fit for one line of a terminal: a message must not be able to
 * move the cursor or to look like a second line.
 */
public final class PlainText {

  private PlainText() {}

  /** The text with every control character written as an escape. */
  public static String escaped(String text) {
    StringBuilder escaped = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain =
          !Character.isISOControl(c)
              && Character.getType(c) != Character.FORMAT
              && c != '\u2028'
              && c != '\u2029';
      if (!plain && escaped == null) {
        escaped = new StringBuilder(text.substring(0, i));
      }
      if (escaped != null) {
        escaped.append(plain ? String.valueOf(c) : escape(c));
      }
    }
    return escaped == null ? text : escaped.toString();
  }

  private static String escape(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format("\\u%04x", (int) c);
    };
  }

  /** The bytes as text; empty when they are not UTF-8 or hold characters that no text has. */
  public static Optional<String> of(Payload payload) {
    try {
      ByteBuffer bytes = payload.asByteBuffer();
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return text.chars().allMatch(PlainText::inText) ? Optional.of(text) : Optional.empty();
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static boolean inText(int c) {
    return c >= ' ' || c == '\n' || c == '\r' || c == '\t';
  }
}
