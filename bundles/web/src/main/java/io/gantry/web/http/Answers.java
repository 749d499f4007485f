package io.gantry.web.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import io.gantry.api.module.RequestException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Answers in JSON. */
public final class Answers {

  // No character set behind it: the Node SDK looks for this very text.
  private static final String JSON = "application/json";

  private Answers() {}

  /** An answer with this text. */
  public static FullHttpResponse json(int status, String json) {
    byte[] content = json.getBytes(UTF_8);
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(content));
    answer.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
    answer.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.length);
    return answer;
  }

  /** An answer that says why not. */
  public static FullHttpResponse refused(RequestException why) {
    JsonObject json = new JsonObject();
    json.addProperty("message", why.getMessage());
    FullHttpResponse answer = json(why.status(), json.toString());
    if (why.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
      answer.headers().set(HttpHeaderNames.ALLOW, "POST");
    } else if (why.status() == HttpResponseStatus.UPGRADE_REQUIRED.code()) {
      answer.headers().set(HttpHeaderNames.UPGRADE, "websocket");
      answer.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
    }
    return answer;
  }
}
