package io.gantry.spi.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/**
 * Percent-encoding of RFC 3986, of ids and properties in topics and tokens. {@code
 * java.net.URLEncoder} is no substitute: it writes a blank as {@code +}, which the SDKs take for a
 * plus sign.
 */
public final class Percent {

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private Percent() {}

  /** Decodes; what is not a percent sign with two hexadecimal digits stays as it is. */
  public static String decode(String text) {
    int percent = text.indexOf('%');
    if (percent < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    byte[] in = text.getBytes(UTF_8);
    for (int i = 0; i < in.length; i++) {
      int code = in[i] == '%' && i + 2 < in.length ? hex(in[i + 1]) * 16 + hex(in[i + 2]) : -1;
      if (code >= 0) {
        bytes.write(code);
        i += 2;
      } else {
        bytes.write(in[i]);
      }
    }
    return bytes.toString(UTF_8);
  }

  private static int hex(byte digit) {
    int value = Character.digit(digit, 16);
    return value < 0 ? -256 : value;
  }

  /** Encodes everything but letters, digits and {@code - . _ ~}. */
  public static void encode(String text, StringBuilder out) {
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || isMark(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
  }

  private static boolean isMark(char c) {
    return c == '-' || c == '.' || c == '_' || c == '~';
  }
}
