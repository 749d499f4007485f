package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Optional;

/** A path of the management API with parameters. */
final class Query {

  private final StringBuilder text;
  private boolean first = true;

  Query(String path) {
    text = new StringBuilder(path);
  }

  Query with(String name, Object value) {
    text.append(first ? '?' : '&').append(name).append('=');
    text.append(URLEncoder.encode(value.toString(), UTF_8));
    first = false;
    return this;
  }

  Query with(String name, Optional<?> value) {
    return value.isPresent() ? with(name, value.get()) : this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
