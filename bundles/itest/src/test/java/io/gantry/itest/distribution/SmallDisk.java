package io.gantry.itest.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few mebibytes in memory, mounted over a folder of the distribution. It is in a
 * name space of its own: nobody but the process that is started in it sees it, and it goes with it.
 */
public final class SmallDisk {

  private final Distribution distribution;
  private final Path folder;

  private SmallDisk(Distribution distribution, Path folder) {
    this.distribution = distribution;
    this.folder = folder;
  }

  /** Whether this machine lets us mount: Linux, and user name spaces or root. */
  public static boolean isPossible() {
    try {
      Process process =
          new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
              .redirectErrorStream(true)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lets the distribution be started with such a disk over a folder. */
  public static SmallDisk over(Distribution distribution, Path folder, int mebibytes) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    distribution.startedBy(
        "unshare",
        "-rm",
        "sh",
        "-c",
        "mount -t tmpfs -o size=" + mebibytes + "m tmpfs \"$0\" && exec \"$@\"",
        folder.toString());
    return new SmallDisk(distribution, folder);
  }

  /** A file in it, as it is seen from outside. */
  public Path file(String name) {
    Path root = Path.of("/proc", Long.toString(distribution.process().pid()), "root");
    return root.resolve(Path.of("/").relativize(folder.resolve(name)));
  }
}
