package io.gantry.launcher.cli;

/** Writes a JSON object of texts and objects: all that a command line has to say in JSON. */
final class JsonObject {

  private final StringBuilder members = new StringBuilder();

  /** Adds a member that is a text. */
  JsonObject text(String name, String value) {
    member(name).append(quoted(value));
    return this;
  }

  /** Adds a member that is an object. */
  JsonObject object(String name, JsonObject value) {
    member(name).append(value);
    return this;
  }

  private StringBuilder member(String name) {
    return members.append(members.isEmpty() ? "" : ",").append(quoted(name)).append(':');
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  @Override
  public String toString() {
    return "{" + members + "}";
  }
}
