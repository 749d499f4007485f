package io.gantry.security.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.security.file.PrivateFile;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.Pem;
import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's own authority: key and certificate in {@code authority.pem}, for the owner only,
 * and the certificate alone in {@code authority.crt}, to be handed out. All clients of the gateway
 * trust it, so it is made once and never replaced by us, whatever happens to its files.
 */
final class Authority {

  private static final String FILE = "authority.pem";

  private static final Logger LOG = LoggerFactory.getLogger(Authority.class);

  private Authority() {}

  /**
   * Reads the authority of a folder, or makes it.
   *
   * @param known whether the folder shows that there was one
   */
  static ServerKey open(Path folder, HostNames names, boolean known, Instant now)
      throws IOException {
    Path file = folder.resolve(FILE);
    Path certificate = folder.resolve("authority.crt");
    if (Files.exists(file)) {
      ServerKey authority = read(file, certificate, now);
      publish(authority.certificate(), certificate);
      return authority;
    }
    if (known || Files.exists(certificate)) {
      throw new IOException(
          file + " is missing, but the gateway had an authority. " + help(folder));
    }
    try {
      ServerKey authority = new CertificateMaker().authority(names, now);
      PrivateFile.write(file, authority.text());
      publish(authority.certificate(), certificate);
      LOG.info("made an authority for the certificates of this gateway: {}", certificate);
      return authority;
    } catch (CertificateException e) {
      throw new IOException("cannot make an authority for this gateway: " + e.getMessage(), e);
    }
  }

  /** Lets the authority sign a certificate for a server. */
  static ServerKey sign(ServerKey authority, HostNames names, Path folder, Instant now)
      throws IOException {
    try {
      ServerKey made = new CertificateMaker().server(names, authority, now);
      if (!ServerKey.isSignedBy(made.certificate(), authority.certificate())) {
        throw new IOException(
            folder.resolve(FILE) + ": the key is not that of the certificate. " + help(folder));
      }
      return made;
    } catch (CertificateException e) {
      throw new IOException("cannot make a certificate of the gateway: " + e.getMessage(), e);
    }
  }

  private static String help(Path folder) {
    return "Its clients trust that one and no other: put it back from a backup; or remove"
        + " authority.pem, authority.crt and server.pem from "
        + folder
        + " to begin with a new one, which all clients have to be given";
  }

  private static ServerKey read(Path file, Path certificate, Instant now) throws IOException {
    if (PrivateFile.tighten(file)) {
      LOG.warn("{} could be read by others; took their rights away", file);
    }
    ServerKey authority;
    try {
      Pem pem = Pem.read("authority", file);
      // Whether the key is that of the certificate shows when it signs: no start waits for that.
      authority = ServerKey.readUnseen(pem, pem);
    } catch (IOException e) {
      throw new IOException(e.getMessage() + ". " + help(file.getParent()), e);
    }
    if (authority.certificate().getBasicConstraints() < 0) {
      throw new IOException(
          "authority " + file + ": is no authority, it may not sign. " + help(file.getParent()));
    }
    if (!now.isBefore(authority.expiresAt())) {
      throw new IOException(
          "authority "
              + file
              + ": expired at "
              + authority.expiresAt()
              + ". "
              + help(file.getParent()));
    }
    return authority;
  }

  /** The copy to be handed out is whatever the original says. */
  private static void publish(X509Certificate authority, Path file) throws IOException {
    byte[] text = Pem.text(List.of(authority)).getBytes(UTF_8);
    if (!Files.exists(file)) {
      PrivateFile.write(file, text);
    } else if (!Pem.read("authority", file).certificates().contains(authority)) {
      LOG.warn("{} was not the certificate of this gateway's authority; wrote it again", file);
      PrivateFile.write(file, text);
    }
  }
}
