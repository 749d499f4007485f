package io.gantry.security.name;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** IP addresses written out, told from names without asking anybody. */
public final class Address {

  private static final String PART = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(PART + "(\\." + PART + "){3}");

  /** Nothing but an address has a colon; the JDK reads it, and looks nothing up. */
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private Address() {}

  /** Whether the text is an address. */
  public static boolean isOne(String text) {
    if (IPV4.matcher(text).matches()) {
      return true;
    }
    if (!IPV6.matcher(text).matches()) {
      return false;
    }
    try {
      InetAddress.getByName(text);
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The bytes of an address: 4 or 16. */
  public static byte[] bytes(String address) {
    if (!isOne(address)) {
      throw new IllegalArgumentException("expected an IP address, found '" + address + "'");
    }
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }

  /** The one way of writing it that {@link java.security.cert.X509Certificate} uses, too. */
  static String normal(String address) {
    try {
      return InetAddress.getByAddress(bytes(address)).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }
}
