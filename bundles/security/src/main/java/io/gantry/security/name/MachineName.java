package io.gantry.security.name;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this machine calls itself. */
final class MachineName {

  private static final Logger LOG = LoggerFactory.getLogger(MachineName.class);

  /** Linux says it here. {@link InetAddress#getLocalHost} may ask a name server, and wait. */
  private static final Path LINUX = Path.of("/proc/sys/kernel/hostname");

  private MachineName() {}

  /** The machine's name, or {@code localhost} when it has none that others could use. */
  static String get() {
    String name = ask();
    if (HostNames.isValid(name)) {
      return name;
    }
    LOG.warn(
        "the machine is called '{}', which is no host name: set hostName of io.gantry.security to"
            + " the name that clients use; localhost for now",
        name);
    return "localhost";
  }

  private static String ask() {
    try {
      return Files.isReadable(LINUX)
          ? Files.readString(LINUX, US_ASCII).strip()
          : InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      LOG.debug("this machine's name does not resolve", e);
    } catch (IOException e) {
      LOG.debug("cannot read {}", LINUX, e);
    }
    return "";
  }
}
