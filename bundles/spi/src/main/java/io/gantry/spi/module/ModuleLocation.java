package io.gantry.spi.module;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The install location of a module's bundle, which ties the bundle to the module: {@code
 * gantry:module/{name}/{generation}}. Two generations of one module may be installed side by side.
 *
 * @param module the module's name
 * @param generation counts up with each installation
 */
public record ModuleLocation(String module, long generation) {

  /** Begins the location of a bundle that came with modules, which may share it. */
  public static final String SHARED = "gantry:shared/";

  private static final Pattern FORM = Pattern.compile("gantry:module/([^/]+)/(\\d{1,18})");

  /** The location that this text is; empty when the bundle is not a module. */
  public static Optional<ModuleLocation> parse(String location) {
    Matcher form = FORM.matcher(location);
    return form.matches()
        ? Optional.of(new ModuleLocation(form.group(1), Long.parseLong(form.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "gantry:module/" + module + "/" + generation;
  }
}
