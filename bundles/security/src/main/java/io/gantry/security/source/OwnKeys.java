package io.gantry.security.source;

import io.gantry.security.file.PrivateFile;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.Pem;
import io.gantry.security.pem.ServerKey;
import io.gantry.security.pem.ServerNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that the gateway makes by itself, signed by its own authority, in {@code server.pem}. Unlike
 * the authority, one that is lost or damaged is simply made anew: no client knows it.
 */
public final class OwnKeys implements KeySource {

  private static final Logger LOG = LoggerFactory.getLogger(OwnKeys.class);

  private final Path folder;
  private final Path file;
  private final HostNames names;
  private final InstantSource clock;

  public OwnKeys(Path folder, HostNames names, InstantSource clock) {
    this.folder = folder;
    this.file = folder.resolve("server.pem");
    this.names = names;
    this.clock = clock;
  }

  @Override
  public ServerKey open() throws IOException {
    PrivateFile.createFolder(folder);
    ServerKey authority = openAuthority();
    if (!Files.exists(file)) {
      return make(authority, "it had none");
    }
    if (PrivateFile.tighten(file)) {
      LOG.warn("{} could be read by others; took their rights away", file);
    }
    ServerKey server;
    try {
      Pem pem = Pem.read("server key", file);
      server = ServerKey.read(pem, pem);
    } catch (IOException e) {
      PrivateFile.setAside(file, "server.pem.damaged");
      LOG.warn("set aside as {}.damaged: {}", file, e.getMessage());
      return make(authority, "the former one was damaged");
    }
    if (!server.chain().subList(1, server.chain().size()).equals(authority.chain())) {
      return make(authority, "the former one was of another authority");
    }
    if (!ServerNames.of(server.certificate()).equals(names.all())) {
      return make(authority, "the former one had other names");
    }
    return server.isDue(clock.instant())
        ? make(authority, "the former one was good until " + server.expiresAt())
        : server;
  }

  private ServerKey openAuthority() throws IOException {
    return Authority.open(folder, names, Files.exists(file), clock.instant());
  }

  @Override
  public ServerKey renew() throws IOException {
    return make(openAuthority(), "it was renewed");
  }

  private ServerKey make(ServerKey authority, String why) throws IOException {
    ServerKey made = Authority.sign(authority, names, folder, clock.instant());
    PrivateFile.write(file, made.text());
    LOG.info(
        "made a certificate of the gateway for {}, good until {}: {}",
        names.all(),
        made.expiresAt(),
        why);
    return made;
  }

  @Override
  public Optional<X509Certificate> authority(ServerKey key) {
    return Optional.of(key.chain().get(key.chain().size() - 1));
  }
}
