package io.gantry.web.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.module.RequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a request is for (RFC 9112, section 3.2). Some clients write the whole address where others
 * write the path only; host and query play no part here.
 *
 * @param segments of the path, decoded one by one so that an encoded slash does not divide
 */
public record Target(List<String> segments) {

  private static final Pattern SCHEME_AND_HOST =
      Pattern.compile("^https?://[^/?#]*", Pattern.CASE_INSENSITIVE);

  public Target {
    segments = List.copyOf(segments);
  }

  /** Takes a request target apart. */
  public static Target of(String text) throws RequestException {
    String rest = SCHEME_AND_HOST.matcher(text).replaceFirst("");
    boolean absolute = rest.length() < text.length();
    if (!rest.startsWith("/") && !absolute) {
      throw new RequestException(400, "request target: expected a path or an address of https");
    }
    int end = 0;
    while (end < rest.length() && rest.charAt(end) != '?' && rest.charAt(end) != '#') {
      end++;
    }
    List<String> segments = new ArrayList<>();
    for (String segment : rest.substring(Math.min(1, end), end).split("/", -1)) {
      segments.add(decoded(segment));
    }
    return new Target(segments);
  }

  private static String decoded(String segment) throws RequestException {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    byte[] text = segment.getBytes(UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(text.length);
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '%') {
        int high = digit(text, i + 1);
        int low = digit(text, i + 2);
        if (high < 0 || low < 0) {
          throw new RequestException(
              400, "request target: expected two hexadecimal digits behind a percent sign");
        }
        bytes.put((byte) (high * 16 + low));
        i += 2;
      } else {
        bytes.put(text[i]);
      }
    }
    try {
      return UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new RequestException(400, "request target: what is encoded there is not UTF-8");
    }
  }

  private static int digit(byte[] text, int index) {
    return index < text.length ? Character.digit(text[index], 16) : -1;
  }
}
