package io.gantry.security.name;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the gateway is called, in lower case.
 *
 * @param hostName the name by which clients reach it
 * @param all every name and address, the host name first
 */
public record HostNames(String hostName, Set<String> all) {

  private static final int MAX_LENGTH = 253;

  /**
   * Labels of letters, digits and hyphens (RFC 1123), not to be taken for an address that went
   * wrong. Machines with an underscore exist, too.
   */
  private static final Pattern NAME =
      Pattern.compile(
          "(?!.*\\.[0-9]+$)(?!-)[a-z0-9_-]{1,63}(?<!-)(\\.(?!-)[a-z0-9_-]{1,63}(?<!-))*");

  public HostNames {
    all = Collections.unmodifiableSet(new LinkedHashSet<>(all));
  }

  /**
   * Checks what is configured.
   *
   * @param hostName empty for this machine's name
   * @param further besides {@code localhost} and {@code 127.0.0.1}
   */
  public static HostNames of(String hostName, Collection<String> further) {
    String name = hostName.isBlank() ? MachineName.get() : checked("hostName", hostName);
    Set<String> all = new LinkedHashSet<>();
    all.add(name.toLowerCase(Locale.ROOT));
    all.add("localhost");
    all.add("127.0.0.1");
    for (String other : further) {
      all.add(checked("names", other));
    }
    return new HostNames(name.toLowerCase(Locale.ROOT), all);
  }

  private static String checked(String setting, String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    if (isValid(name)) {
      return Address.isOne(name) ? Address.normal(name) : name;
    }
    throw new IllegalArgumentException(
        setting + ": expected a host name or an IP address, found '" + text + "'");
  }

  static boolean isValid(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    return Address.isOne(name) || (name.length() <= MAX_LENGTH && NAME.matcher(name).matches());
  }
}
