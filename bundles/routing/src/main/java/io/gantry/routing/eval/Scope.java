package io.gantry.routing.eval;

import io.gantry.api.message.Message;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message while its routes are evaluated. The body is read when the first condition asks, once
 * for all conditions. Used by one thread.
 */
public final class Scope {

  private final Message message;
  private final BodyPaths paths;
  private @Nullable Object @Nullable [] body;

  /**
   * @param paths the places in the body that the routes in force ask for
   */
  public Scope(Message message, BodyPaths paths) {
    this.message = message;
    this.paths = paths;
  }

  Object property(String name) {
    return lookup(message.properties(), name);
  }

  Object systemProperty(String name) {
    return lookup(message.systemProperties(), name);
  }

  Object body(int slot) {
    if (body == null) {
      body = BodyReader.read(message, paths);
    }
    Object value = body[slot];
    return value == null ? Absent.MISSING : value;
  }

  /** Names compare without case; the exact one is tried first because it mostly is. */
  private static Object lookup(Map<String, ? extends @Nullable String> map, String name) {
    String value = map.get(name);
    if (value != null) {
      return value;
    }
    for (Map.Entry<String, ? extends @Nullable String> entry : map.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        String found = entry.getValue();
        return found == null ? Absent.NULL : found;
      }
    }
    return Absent.UNDEFINED;
  }
}
