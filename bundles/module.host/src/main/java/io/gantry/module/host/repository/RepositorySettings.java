package io.gantry.module.host.repository;

import io.gantry.spi.module.RepositoryAddress;
import io.gantry.spi.module.RepositoryRegistry.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is configured about repositories.
 *
 * @param repositories in order of preference
 * @param stallTimeLimit how long a server may send nothing
 * @param trustedSigners PEM files of those who may sign jars, and of authorities that vouch for
 *     such
 * @param authorities PEM files of authorities that vouch for servers, beyond those of Java
 * @param dropIns the folder whose jars become modules; empty for none
 */
public record RepositorySettings(
    List<Entry> repositories,
    Duration stallTimeLimit,
    List<Path> trustedSigners,
    List<Path> authorities,
    Optional<Path> dropIns) {

  private static final String SIGNED = ";signed";

  public RepositorySettings {
    repositories = List.copyOf(repositories);
    trustedSigners = List.copyOf(trustedSigners);
    authorities = List.copyOf(authorities);
    if (stallTimeLimit.isNegative() || stallTimeLimit.isZero()) {
      throw new IllegalArgumentException(
          "io.gantry.module.host: stallTimeLimitSeconds: expected at least 1, found "
              + stallTimeLimit.toSeconds());
    }
  }

  /** These repositories, and nothing else that is out of the usual. */
  public static RepositorySettings of(List<String> repositories) {
    return new RepositorySettings(
        repositories.stream().map(RepositorySettings::entry).toList(),
        Duration.ofSeconds(30),
        List.of(),
        List.of(),
        Optional.empty());
  }

  /** A configured repository: its address, and {@code ;signed} when its jars must be signed. */
  public static Entry entry(String text) {
    String stripped = text.strip();
    boolean signed = stripped.endsWith(SIGNED);
    String address = signed ? stripped.substring(0, stripped.length() - SIGNED.length()) : stripped;
    RepositoryAddress.requireNoSecret("io.gantry.module.host: repositories", address);
    return new Entry(Sources.address(address), signed, true);
  }
}
