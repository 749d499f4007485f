package io.gantry.spi.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.Percent;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A shared access signature (IoT Hub, "Control access with shared access signatures"). Reading one
 * says nothing about its signature: see {@link #isSignedBy}.
 */
public final class SasToken {

  /** Longest text that is read. */
  public static final int MAX_LENGTH = 4096;

  private static final String SCHEME = "SharedAccessSignature ";
  private static final String ALGORITHM = "HmacSHA256";

  private final String resource;
  private final String host;
  private final Identity identity;
  private final String expiry;
  private final Instant expiresAt;
  private final byte[] signature;

  private SasToken(Map<String, String> fields) {
    resource = field(fields, "sr");
    expiry = field(fields, "se");
    expiresAt = Instant.ofEpochSecond(seconds(expiry));
    signature = base64("signature", Percent.decode(field(fields, "sig")));
    String[] parts = segments(resource);
    boolean device = parts.length == 3 && parts[1].equals("devices");
    boolean module = parts.length == 5 && parts[1].equals("devices") && parts[3].equals("modules");
    if (!device && !module) {
      throw new IllegalArgumentException(
          "token: expected the resource of a device or module, found something else");
    }
    host = parts[0];
    identity = device ? new DeviceIdentity(parts[2]) : new ModuleIdentity(parts[2], parts[4]);
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("token: expected a field " + name + ", found none");
    }
    return value;
  }

  private static long seconds(String expiry) {
    try {
      long seconds = Long.parseLong(expiry);
      if (seconds >= 0 && seconds <= Instant.MAX.getEpochSecond()) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("token: expected se to be seconds since 1970");
  }

  /** Some SDKs encode the whole resource, others each of its segments only. */
  private static String[] segments(String resource) {
    String text = resource.indexOf('/') < 0 ? Percent.decode(resource) : resource;
    String[] parts = text.split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = Percent.decode(parts[i]);
    }
    return parts;
  }

  private static byte[] base64(String what, String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("token: the " + what + " is not Base64");
    }
  }

  /**
   * Reads a token.
   *
   * @throws IllegalArgumentException when it is none; the text holds nothing of the token
   */
  public static SasToken parse(String text) {
    if (text.length() > MAX_LENGTH || !text.startsWith(SCHEME)) {
      throw new IllegalArgumentException(
          "token: expected 'SharedAccessSignature sr=...&sig=...&se=...' of at most "
              + MAX_LENGTH
              + " characters");
    }
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.substring(SCHEME.length()).trim().split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals <= 0
          || fields.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        throw new IllegalArgumentException("token: expected each field once, as name=value");
      }
    }
    return new SasToken(fields);
  }

  /**
   * Makes a token.
   *
   * @param host the name of the hub, or of the gateway
   * @param key in Base64
   */
  public static String sign(String host, Identity identity, String key, Instant expiresAt) {
    String path =
        identity instanceof ModuleIdentity module
            ? encode(module.deviceId()) + "/modules/" + encode(module.moduleId())
            : encode(identity.deviceId());
    String resource = encode(host + "/devices/" + path);
    String expiry = Long.toString(expiresAt.getEpochSecond());
    byte[] signature = hmac(base64("key", key), resource + "\n" + expiry);
    String encoded = encode(Base64.getEncoder().encodeToString(signature));
    return SCHEME + "sr=" + resource + "&sig=" + encoded + "&se=" + expiry;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** The host that it was made for: a hub, or a gateway. */
  public String host() {
    return host;
  }

  /** Who it was made for. */
  public Identity identity() {
    return identity;
  }

  /** Until when it is good. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /**
   * Whether it was signed with this key: over its resource as it stands there, a line feed, and its
   * expiry. Takes the same time whether or not.
   *
   * @param key in Base64
   */
  public boolean isSignedBy(String key) {
    return MessageDigest.isEqual(hmac(base64("key", key), resource + "\n" + expiry), signature);
  }

  /** Without the signature. */
  @Override
  public String toString() {
    return "SasToken[" + identity + ", " + expiresAt + "]";
  }
}
