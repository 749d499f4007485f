package io.gantry.console.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A request and a response of which only what the console uses is there. */
final class Servlets {

  final Map<String, String> headers = new HashMap<>();
  final Map<String, String> parameters = new HashMap<>();
  final Map<String, Object> attributes = new HashMap<>();
  final Map<String, String> answered = new HashMap<>();
  final StringWriter body = new StringWriter();
  String method = "GET";
  int status = 200;

  HttpServletRequest request() {
    return proxy(
        HttpServletRequest.class,
        (name, arguments) ->
            switch (name) {
              case "getHeader" -> headers.get((String) arguments[0]);
              case "getParameter" -> parameters.get((String) arguments[0]);
              case "getMethod" -> method;
              case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
              case "getAttribute" -> attributes.get((String) arguments[0]);
              default -> throw new UnsupportedOperationException(name);
            });
  }

  HttpServletResponse response() {
    return proxy(
        HttpServletResponse.class,
        (name, arguments) ->
            switch (name) {
              case "setHeader" -> answered.put((String) arguments[0], (String) arguments[1]);
              case "setStatus", "sendError" -> status = (int) arguments[0];
              case "setContentLength", "flushBuffer" -> null;
              case "getWriter" -> new PrintWriter(body, true);
              default -> throw new UnsupportedOperationException(name);
            });
  }

  private interface Call {
    Object answer(String name, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, invoked, arguments) -> {
              Object result = call.answer(invoked.getName(), arguments);
              return invoked.getReturnType() == void.class ? null : result;
            }));
  }
}
