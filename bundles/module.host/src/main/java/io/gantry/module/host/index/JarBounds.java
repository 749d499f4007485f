package io.gantry.module.host.index;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Looks at a jar before somebody opens it who keeps its directory and its manifest in memory, as
 * Java and the framework do. A jar comes from outside, and a small one can name millions of entries
 * or pack a manifest of gigabytes: that must be a refusal and not the end of the gateway's memory.
 */
public final class JarBounds {

  /** The largest directory, which is 46 bytes and the name for each entry. */
  static final int MAX_DIRECTORY_BYTES = 8 << 20;

  /** The largest manifest. One of a signed jar names each entry with its digest. */
  static final int MAX_MANIFEST_BYTES = 4 << 20;

  /** Of what is not an entry, a manifest may well have a few sections. */
  private static final int FURTHER_SECTIONS = 1000;

  private static final long MAX_UNPACKED_BYTES = 4L << 30;
  private static final int END_BYTES = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int MAGIC_COUNT = 0xffff;
  private static final int MAGIC_OFFSET = -1;

  private long unpacked;

  /** Counts what the entries of one jar are unpacked. */
  public JarBounds() {}

  /**
   * Looks at the directory and the manifest.
   *
   * @throws ContentException for a jar that nobody should open
   */
  public static void check(Path jar) throws IOException {
    checkDirectory(jar);
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        ZipEntry entry = e.nextElement();
        if (entry.getName().equalsIgnoreCase("META-INF/MANIFEST.MF")) {
          checkManifest(zip, entry);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new ContentException("it cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * By the record at the end of the file (.ZIP File Format Specification, 4.3.16). A comment may
   * hold what looks like one, and readers differ in which they take: all must be good.
   */
  private static void checkDirectory(Path jar) throws IOException {
    try (FileChannel file = FileChannel.open(jar, READ)) {
      int length = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
      ByteBuffer tail = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      long start = file.size() - length;
      for (int n = 0; n >= 0 && tail.hasRemaining(); ) {
        n = file.read(tail, start + tail.position());
      }
      for (int at = tail.position() - END_BYTES; at >= 0; at--) {
        if (tail.getInt(at) == END_SIGNATURE) {
          checkEnd(tail.slice(at, END_BYTES).order(ByteOrder.LITTLE_ENDIAN));
        }
      }
    }
  }

  private static void checkEnd(ByteBuffer end) throws IOException {
    int count = Short.toUnsignedInt(end.getShort(10));
    long directory = Integer.toUnsignedLong(end.getInt(12));
    if (count == MAGIC_COUNT || end.getInt(16) == MAGIC_OFFSET || directory > MAX_DIRECTORY_BYTES) {
      throw new ContentException(
          "its directory is larger than " + MAX_DIRECTORY_BYTES + " bytes or of the kind Zip64",
          null);
    }
  }

  private static void checkManifest(ZipFile zip, ZipEntry entry) throws IOException {
    int sections = 0;
    int width = 0;
    int last = 0;
    byte[] buffer = new byte[8 << 10];
    try (InputStream in = new BoundedInputStream(zip.getInputStream(entry), MAX_MANIFEST_BYTES)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        for (int i = 0; i < n; i++) {
          boolean secondHalf = buffer[i] == '\n' && last == '\r';
          boolean end = buffer[i] == '\n' || buffer[i] == '\r';
          sections += end && !secondHalf && width == 0 ? 1 : 0;
          width = end ? 0 : width + 1;
          last = buffer[i];
        }
      }
    } catch (ContentException e) {
      throw new ContentException("its manifest: " + e.getMessage(), e);
    }
    if (sections > 2 * zip.size() + FURTHER_SECTIONS) {
      throw new ContentException("its manifest has many more sections than it has entries", null);
    }
  }

  /** Reads an entry to its end, with its checksum. */
  public void unpack(InputStream entry) throws IOException {
    byte[] buffer = new byte[32 << 10];
    for (int n = entry.read(buffer); n >= 0; n = entry.read(buffer)) {
      unpacked += n;
      if (unpacked > MAX_UNPACKED_BYTES) {
        throw new ContentException(
            "its entries are larger than " + MAX_UNPACKED_BYTES + " bytes", null);
      }
    }
  }
}
