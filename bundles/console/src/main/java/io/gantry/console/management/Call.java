package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.gantry.console.status.Gateway;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.session.ClientGateway;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;

/** One request and its answer. */
final class Call {

  private static final String AGENT = "$edgeAgent";

  private final HttpExchange exchange;

  Call(HttpExchange exchange) {
    this.exchange = exchange;
    Headers headers = exchange.getResponseHeaders();
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
  }

  String method() {
    return exchange.getRequestMethod();
  }

  String path() {
    return exchange.getRequestURI().getPath();
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** Whether the caller reads text; programs get JSON. */
  boolean wantsText() {
    return header("Accept").orElse("").contains("text/plain");
  }

  /** A parameter of the query. */
  Optional<String> parameter(String name) {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null) {
      for (String pair : query.split("&")) {
        if (pair.startsWith(name + "=")) {
          return Optional.of(URLDecoder.decode(pair.substring(name.length() + 1), UTF_8));
        }
      }
    }
    return Optional.empty();
  }

  /** A parameter that is a number from 0 on. */
  Optional<Long> number(String name) throws ApiException {
    Optional<String> text = parameter(name);
    try {
      Optional<Long> number = text.map(Long::valueOf);
      if (number.orElse(0L) >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new ApiException(400, name + ": expected a number, found '" + text.get() + "'");
  }

  /** A parameter that must be there. */
  String required(String name) throws ApiException {
    return parameter(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> new ApiException(400, name + ": name one"));
  }

  /** The device or module that the parameter {@code identity} names. */
  Identity identity() throws ApiException {
    return identity(required("identity"));
  }

  /**
   * The same, where the agent may be meant, too: it is a module of the gateway, and called {@code
   * $edgeAgent} or, since shells take a dollar sign for themselves, {@code edgeAgent}. A device of
   * that name goes first.
   */
  Identity identity(Gateway gateway) throws ApiException {
    Identity named = identity();
    Optional<String> own = gateway.hub().map(ClientGateway::deviceId);
    if (own.isEmpty()) {
      return named;
    }
    boolean agent =
        named instanceof ModuleIdentity module
            ? own.get().equals(module.deviceId()) && module.moduleId().equals("edgeAgent")
            : List.of("edgeAgent", AGENT).contains(named.id()) && !registered(gateway, named);
    return agent ? new ModuleIdentity(own.get(), AGENT) : named;
  }

  private static boolean registered(Gateway gateway, Identity identity) {
    return gateway.identities().flatMap(registry -> registry.find(identity)).isPresent();
  }

  /** The device or module that a text names: {@code device} or {@code device/module}. */
  static Identity identity(String text) throws ApiException {
    try {
      int slash = text.indexOf('/');
      return slash < 0
          ? new DeviceIdentity(text)
          : new ModuleIdentity(text.substring(0, slash), text.substring(slash + 1));
    } catch (IllegalArgumentException malformed) {
      throw new ApiException(400, malformed.getMessage());
    }
  }

  /** The body, if it is no longer than the limit. */
  String body(int limit) throws IOException, ApiException {
    try (InputStream in = exchange.getRequestBody()) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new ApiException(
            413, "what was sent is longer than " + limit + " bytes; nothing has changed");
      }
      return text(bytes);
    }
  }

  /** Strictly: with letters that nobody wrote in their place, something else would be deployed. */
  private static String text(byte[] bytes) throws ApiException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ApiException(
          400,
          "what was sent is not in UTF-8; nothing has changed, save it as UTF-8 and try again");
    }
  }

  void answer(int status, String json, String text) throws IOException {
    if (wantsText()) {
      send(status, "text/plain; charset=utf-8", text);
    } else {
      send(status, "application/json", json);
    }
  }

  /** Figures for monitoring, whatever the caller would like to have. */
  void exposition(String text) throws IOException {
    send(200, "text/plain; version=0.0.4; charset=utf-8", text);
  }

  void error(int status, String text) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("error", text);
    answer(status, json + "\n", text + "\n");
  }

  private void send(int status, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** The answer tells of a failure, though the call itself succeeded. */
  void markFailed() {
    exchange.getResponseHeaders().set("Gantry-Outcome", "failed");
  }

  void allow(String methods) {
    exchange.getResponseHeaders().set("Allow", methods);
  }

  /** An answer that goes on; the caller writes lines and flushes. */
  OutputStream stream(String type) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }
}
