package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.gantry.spi.security.Certificates;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What the gateway shows to its clients, and until when it may. */
public final class CertificateFacts {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();
  private static final Duration SOON = Duration.ofDays(14);
  private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private CertificateFacts() {}

  /** For people: names, then the certificate of the server and that of its authority. */
  public static String text(Certificates certificates) {
    StringBuilder text = new StringBuilder();
    text.append("host name    ").append(certificates.hostName()).append('\n');
    text.append("names        ").append(String.join(", ", names(certificates))).append('\n');
    server(certificates).ifPresent(server -> text(text, "server", server));
    certificates.authority().ifPresent(authority -> text(text, "authority", authority));
    return text.toString();
  }

  private static void text(StringBuilder text, String title, X509Certificate certificate) {
    text.append(title).append('\n');
    text.append("  name       ").append(PlainText.escaped(subject(certificate))).append('\n');
    text.append("  issuer     ").append(PlainText.escaped(issuer(certificate))).append('\n');
    text.append("  valid      ").append(certificate.getNotBefore().toInstant());
    text.append(" to ").append(end(certificate)).append('\n');
    text.append("  sha-256    ").append(fingerprint(certificate)).append('\n');
  }

  /** For programs. */
  public static String json(Certificates certificates) {
    JsonObject json = new JsonObject();
    json.addProperty("hostName", certificates.hostName());
    JsonArray names = new JsonArray();
    names(certificates).forEach(names::add);
    json.add("names", names);
    json.add("server", json(server(certificates)));
    json.add("authority", json(certificates.authority()));
    return GSON.toJson(json) + "\n";
  }

  private static JsonElement json(Optional<X509Certificate> certificate) {
    if (certificate.isEmpty()) {
      return JsonNull.INSTANCE;
    }
    JsonObject json = new JsonObject();
    json.addProperty("subject", subject(certificate.get()));
    json.addProperty("issuer", issuer(certificate.get()));
    json.addProperty("notBefore", certificate.get().getNotBefore().toInstant().toString());
    json.addProperty("notAfter", end(certificate.get()).toString());
    json.addProperty("sha256", fingerprint(certificate.get()));
    return json;
  }

  /** A certificate as the files are that clients take. */
  public static String pem(X509Certificate certificate) {
    return "-----BEGIN CERTIFICATE-----\n"
        + PEM.encodeToString(encoded(certificate))
        + "\n-----END CERTIFICATE-----\n";
  }

  /** When the first of what a client has to believe ends; empty where there is nothing. */
  static Optional<Instant> end(Certificates certificates) {
    return all(certificates).stream().map(CertificateFacts::end).min(Instant::compareTo);
  }

  /** Sentences about what ends soon, or has ended. */
  static List<String> warnings(Certificates certificates, Instant now) {
    List<String> warnings = new ArrayList<>();
    for (X509Certificate certificate : all(certificates)) {
      Duration left = Duration.between(now, end(certificate));
      if (left.compareTo(SOON) < 0) {
        boolean server = server(certificates).filter(certificate::equals).isPresent();
        warnings.add(
            "certificate: "
                + subject(certificate)
                + (left.isNegative()
                    ? " ended at " + end(certificate) + ", clients refuse it"
                    : " ends in " + StatusText.span(left) + ", at " + end(certificate))
                + (server ? ": gantry certificate renew" : ""));
      }
    }
    return warnings;
  }

  /** The chain, and the authority where it is no part of that. */
  private static List<X509Certificate> all(Certificates certificates) {
    List<X509Certificate> all = new ArrayList<>(certificates.chain());
    certificates.authority().filter(authority -> !all.contains(authority)).ifPresent(all::add);
    return all;
  }

  private static Optional<X509Certificate> server(Certificates certificates) {
    return certificates.chain().stream().findFirst();
  }

  private static TreeSet<String> names(Certificates certificates) {
    return new TreeSet<>(certificates.names());
  }

  private static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  private static String issuer(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().getName();
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that cannot be encoded", e);
    }
  }

  /** As {@code openssl x509 -fingerprint -sha256} prints it. */
  private static String fingerprint(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded(certificate));
      return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
