package io.gantry.web.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gantry.api.module.RequestException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A request to go on with a WebSocket (RFC 6455, section 4.2), which the sub-protocol alone decides
 * on: clients of IoT Hub differ in their paths. Extensions are declined by not naming them.
 */
public final class Upgrade {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String UPGRADE = "Upgrade";
  private static final String WEBSOCKET = "websocket";
  private static final String SUBPROTOCOL = "Sec-WebSocket-Protocol";
  private static final int KEY_BYTES = 16;

  private final Protocols.Choice choice;
  private final String key;

  private Upgrade(Protocols.Choice choice, String key) {
    this.choice = choice;
    this.key = key;
  }

  /** Whether a request is one. */
  public static boolean isWanted(HttpRequest request) {
    return request.headers().containsValue(UPGRADE, WEBSOCKET, true);
  }

  /** Examines it. */
  public static Upgrade of(HttpRequest request, Protocols protocols) throws RequestException {
    HttpHeaders headers = request.headers();
    if (!request.method().equals(HttpMethod.GET)
        || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
        || !headers.containsValue("Connection", UPGRADE, true)) {
      throw new RequestException(400, "WebSocket: expected GET, HTTP/1.1 and Connection: Upgrade");
    }
    if (!"13".equals(headers.get("Sec-WebSocket-Version"))) {
      throw new RequestException(426, "Sec-WebSocket-Version: expected 13");
    }
    String key = headers.get("Sec-WebSocket-Key");
    if (key == null || headers.getAll("Sec-WebSocket-Key").size() > 1 || !isKey(key)) {
      throw new RequestException(400, "Sec-WebSocket-Key: expected 16 bytes in Base64");
    }
    return new Upgrade(protocols.choose(offered(headers)), key);
  }

  private static boolean isKey(String text) {
    try {
      return Base64.getDecoder().decode(text).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<String> offered(HttpHeaders headers) {
    List<String> offered = new ArrayList<>();
    for (String line : headers.getAll(SUBPROTOCOL)) {
      for (String name : line.split(",")) {
        offered.add(name.strip());
      }
    }
    return offered;
  }

  /** What is spoken from now on. */
  public Protocols.Choice choice() {
    return choice;
  }

  /** Consent. Names are written as usual: there are clients that look for them as text. */
  public FullHttpResponse answer() {
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    answer
        .headers()
        .set(UPGRADE, WEBSOCKET)
        .set("Connection", UPGRADE)
        .set("Sec-WebSocket-Accept", accept(key))
        .set(SUBPROTOCOL, choice.subprotocol());
    return answer;
  }

  private static String accept(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
