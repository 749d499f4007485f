package io.gantry.mqtt.session;

import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The direct methods of one client that it has not answered. Bounded: a caller that has given up
 * leaves its call behind, and the oldest go. Used on the event loop only.
 */
final class MethodCalls {

  private static final int MOST = 128;
  private static final int OK = 200;
  private static final int BAD = 400;
  private static final int GONE = 404;

  private final Map<String, CompletableFuture<MethodResponse>> waiting = new LinkedHashMap<>();
  private long last;

  /** Notes a call and returns the id under which it will be answered. */
  String add(CompletableFuture<MethodResponse> answer) {
    waiting.values().removeIf(CompletableFuture::isDone);
    if (waiting.size() >= MOST) {
      Iterator<CompletableFuture<MethodResponse>> oldest = waiting.values().iterator();
      fail(oldest.next(), "it has not answered " + MOST + " calls after this one");
      oldest.remove();
    }
    String id = Long.toHexString(++last);
    waiting.put(id, answer);
    return id;
  }

  /** Takes an answer; one that nobody waits for any more is forgotten. */
  void answered(String id, String status, String payload) {
    CompletableFuture<MethodResponse> answer = waiting.remove(id);
    if (answer == null) {
      return;
    }
    try {
      int number = status.isEmpty() ? OK : Integer.parseInt(status);
      answer.complete(new MethodResponse(number, payload.isBlank() ? "null" : payload));
    } catch (NumberFormatException e) {
      answer.completeExceptionally(
          new RequestException(BAD, "its answer has no number for a status"));
    }
  }

  /** The connection has ended. */
  void end() {
    waiting.values().forEach(answer -> fail(answer, "its connection ended before it answered"));
    waiting.clear();
  }

  private static void fail(CompletableFuture<MethodResponse> answer, String text) {
    answer.completeExceptionally(new RequestException(GONE, text));
  }
}
