package io.gantry.module.host.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.module.TestBundle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small jars that would be large in memory. */
class JarBoundsTest {

  private static final int END_BYTES = 22;

  @TempDir Path temp;

  @Test
  void aUsualJarIsGood() throws IOException {
    JarBounds.check(TestBundle.of("acme.filter", "1.0.0").entry("a.txt", "a").writeTo(temp));
  }

  @Test
  void aManifestThatSwellsIsRefusedWhereverItIsReadFrom() throws IOException {
    for (String name : new String[] {"META-INF/MANIFEST.MF", "meta-inf/manifest.mf"}) {
      Path jar = temp.resolve("swells.jar");
      try (OutputStream out = Files.newOutputStream(jar);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write("Manifest-Version: 1.0\n".getBytes(UTF_8));
        byte[] block = "Padding: 0123456789\n".repeat(1000).getBytes(UTF_8);
        for (int i = 0; i < 250; i++) {
          zip.write(block);
        }
      }
      assertTrue(Files.size(jar) < 50_000, "" + Files.size(jar));
      assertEquals("its manifest: it is larger than 4194304 bytes", refusal(jar));
      assertThrows(IOException.class, () -> JarFolder.bundle("r", jar, Optional.empty()));
    }
  }

  /** Each section becomes a map. */
  @Test
  void aManifestWithManyMoreSectionsThanEntriesIsRefused() throws IOException {
    for (String end : new String[] {"\n", "\r", "\r\n"}) {
      Path jar = temp.resolve("sections.jar");
      try (OutputStream out = Files.newOutputStream(jar);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
        zip.write(("Manifest-Version: 1.0" + end + end).getBytes(UTF_8));
        zip.write(("Name: a" + end + "b: c" + end + end).repeat(1001).getBytes(UTF_8));
      }
      JarBounds.check(jar);
      try (OutputStream out = Files.newOutputStream(jar);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
        zip.write(("Manifest-Version: 1.0" + end + end).getBytes(UTF_8));
        zip.write(("Name: a" + end + "b: c" + end + end).repeat(1002).getBytes(UTF_8));
      }
      assertEquals("its manifest has many more sections than it has entries", refusal(jar));
    }
  }

  /** It is read into memory as a whole by whoever opens the jar. */
  @Test
  void aDirectoryThatIsTooLargeIsRefusedAlsoBehindAnotherEnd() throws IOException {
    byte[] good = Files.readAllBytes(TestBundle.of("acme.filter", "1.0.0").writeTo(temp));
    int end = good.length - END_BYTES;
    byte[] large = good.clone();
    order(large).putInt(end + 12, JarBounds.MAX_DIRECTORY_BYTES + 1);
    assertTrue(refusal(large).startsWith("its directory is larger than"), refusal(large));
    byte[] decoy = Arrays.copyOf(large, large.length + END_BYTES);
    System.arraycopy(good, end, decoy, large.length, END_BYTES);
    order(decoy).putShort(end + 20, (short) END_BYTES);
    assertTrue(refusal(decoy).startsWith("its directory is larger than"), refusal(decoy));
    byte[] many = good.clone();
    order(many).putShort(end + 10, (short) 0xffff);
    assertTrue(refusal(many).endsWith("or of the kind Zip64"), refusal(many));
    byte[] far = good.clone();
    order(far).putInt(end + 16, -1);
    assertTrue(refusal(far).endsWith("or of the kind Zip64"), refusal(far));
  }

  private static ByteBuffer order(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String refusal(byte[] jar) throws IOException {
    return refusal(Files.write(temp.resolve("bad.jar"), jar));
  }

  private static String refusal(Path jar) {
    return assertThrows(ContentException.class, () -> JarBounds.check(jar)).getMessage();
  }
}
