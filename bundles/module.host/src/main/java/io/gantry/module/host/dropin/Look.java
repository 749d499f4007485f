package io.gantry.module.host.dropin;

import io.gantry.module.host.index.Digest;
import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarBounds;
import io.gantry.module.host.index.JarFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Enumeration;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What a look at a jar has found. */
sealed interface Look {

  /**
   * What a file looks like from outside. Builds that can be repeated give their files one date, and
   * jars of one size are no rarity; so it counts also when the file was last touched, where the
   * system tells.
   */
  record Shape(long size, FileTime lastModified, Object touched) {

    static Shape of(Path file) throws IOException {
      return new Shape(Files.size(file), Files.getLastModifiedTime(file), touched(file));
    }

    private static Object touched(Path file) throws IOException {
      return file.getFileSystem().supportedFileAttributeViews().contains("unix")
          ? Files.getAttribute(file, "unix:ctime")
          : "";
    }
  }

  /** A bundle, whole. */
  record Bundle(Shape shape, IndexedResource resource, String sha256) implements Look {}

  /** No bundle, or none yet. */
  record Problem(Shape shape, String text) implements Look {}

  /** A problem that may be half a copy: it is looked at once more before it is said. */
  record Fresh(Problem problem) implements Look {}

  /** It changed while it was looked at: it is being copied. */
  record Growing() implements Look {}

  /** What it looked like from outside; empty while it changes. */
  default Optional<Shape> seen() {
    if (this instanceof Bundle bundle) {
      return Optional.of(bundle.shape());
    }
    if (this instanceof Fresh fresh) {
      return Optional.of(fresh.problem().shape());
    }
    return this instanceof Problem problem ? Optional.of(problem.shape()) : Optional.empty();
  }

  /** Reads a jar to its end, with all checksums: half a copy does not pass. */
  static Look at(String folder, Path jar) throws IOException {
    Shape before = Shape.of(jar);
    Look look;
    try {
      checkEntries(jar);
      String sha256;
      try (InputStream in = Files.newInputStream(jar)) {
        sha256 = Digest.of(in);
      }
      look = new Bundle(before, JarFolder.bundle(folder, jar, Optional.of(sha256)), sha256);
    } catch (IOException e) {
      look = new Problem(before, String.valueOf(e.getMessage()));
    }
    return Shape.of(jar).equals(before) ? look : new Growing();
  }

  private static void checkEntries(Path jar) throws IOException {
    JarBounds.check(jar);
    JarBounds bounds = new JarBounds();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        try (InputStream in = zip.getInputStream(e.nextElement())) {
          bounds.unpack(in);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("it cannot be read: " + e.getMessage(), e);
    }
  }
}
