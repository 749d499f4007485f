package io.gantry.spi.routing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a route delivers to. The {@link #id()} names the endpoint's queue on disk. */
public sealed interface EndpointAddress {

  /** Stable text form: {@code $upstream} or {@code modules/{module}/inputs/{input}}. */
  String id();

  /** The address whose {@link #id()} this is; empty when the text is none. */
  static Optional<EndpointAddress> parse(String id) {
    if (id.equals(Upstream.ID)) {
      return Optional.of(new Upstream());
    }
    Matcher input = ModuleInput.ID.matcher(id);
    return input.matches()
        ? Optional.of(new ModuleInput(input.group(1), input.group(2)))
        : Optional.empty();
  }

  /** The cloud, or the event log of a gateway that has no cloud. */
  record Upstream() implements EndpointAddress {

    private static final String ID = "$upstream";

    @Override
    public String id() {
      return ID;
    }

    @Override
    public String toString() {
      return ID;
    }
  }

  /**
   * An input of a module of this gateway.
   *
   * @param module the module's name in the deployment manifest
   * @param input the input's name
   */
  record ModuleInput(String module, String input) implements EndpointAddress {

    private static final Pattern ID = Pattern.compile("modules/([^/]+)/inputs/([^/]+)");

    public ModuleInput {
      if (module.isEmpty() || input.isEmpty() || module.contains("/") || input.contains("/")) {
        throw new IllegalArgumentException(
            "module input: expected two names without slash, found '"
                + module
                + "', '"
                + input
                + "'");
      }
    }

    @Override
    public String id() {
      return "modules/" + module + "/inputs/" + input;
    }

    @Override
    public String toString() {
      return id();
    }
  }
}
