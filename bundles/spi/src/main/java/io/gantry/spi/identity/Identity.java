package io.gantry.spi.identity;

/**
 * Who sends or receives: a device or a module of a device. Ids are compared exactly (IoT Hub device
 * ids are case-sensitive).
 */
public sealed interface Identity permits DeviceIdentity, ModuleIdentity {

  /** Longest device or module id (IoT Hub identity registry). */
  int MAX_ID_LENGTH = 128;

  /** The device, or the device that the module belongs to. */
  String deviceId();

  /** {@code device} or {@code device/module}; the MQTT client id of this identity. */
  String id();

  /**
   * Checks an id against the characters that IoT Hub allows: ASCII letters and digits and {@code -
   * : . + % _ # * ? ! ( ) , = @ ; $ '}, 1 to 128 of them.
   *
   * @param kind what is checked, for the error text, for example "device id"
   * @throws IllegalArgumentException naming the kind and the first character that is wrong
   */
  static String requireValidId(String kind, String id) {
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      throw new IllegalArgumentException(
          kind + ": expected 1 to " + MAX_ID_LENGTH + " characters, found " + id.length());
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!letterOrDigit && "-:.+%_#*?!(),=@;$'".indexOf(c) < 0) {
        throw new IllegalArgumentException(
            String.format(
                "%s: character U+%04X at position %d is not allowed", kind, (int) c, i + 1));
      }
    }
    return id;
  }
}
