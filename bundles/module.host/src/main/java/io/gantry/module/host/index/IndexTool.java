package io.gantry.module.host.index;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.host.index.JarFolder.Digests;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the index of a folder of jars, with digests and sizes, without a running runtime. Whoever
 * has our jar and the framework's on a class path finds it as a tool of the JDK, by its name and
 * {@link java.util.ServiceLoader}; so the command line need not be compiled against us.
 *
 * <p>Arguments: the folder, and {@code --gzip} for an {@code index.xml.gz} beside the {@code
 * index.xml}. Result: 0 when the index is written, 1 when it is not, 2 for other arguments.
 */
public final class IndexTool implements ToolProvider {

  /** The tool's name. */
  public static final String NAME = "gantry-repository-index";

  private static final String GZIP = "--gzip";

  /** For {@link java.util.ServiceLoader}. */
  public IndexTool() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int run(PrintWriter out, PrintWriter err, String... args) {
    List<String> folders = new ArrayList<>(List.of(args));
    boolean gzip = folders.remove(GZIP);
    if (folders.size() != 1) {
      err.println("expected a folder of jars, and " + GZIP + " if wanted");
      return 2;
    }
    Path folder = Path.of(folders.get(0)).toAbsolutePath().normalize();
    try {
      index(folder, gzip, out, err);
      return 0;
    } catch (NotDirectoryException e) {
      err.println(folder + " cannot be indexed: it is no folder");
      return 1;
    } catch (IOException e) {
      err.println(folder + " cannot be indexed: " + e.getMessage());
      return 1;
    }
  }

  private static void index(Path folder, boolean gzip, PrintWriter out, PrintWriter err)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    List<IndexedResource> bundles =
        JarFolder.read(
            folder.toString(),
            folder,
            Digests.CALCULATED,
            (jar, why) -> err.println(jar.getFileName() + " is left out: " + why));
    write(folder, "index.xml", bundles);
    if (gzip) {
      write(folder, "index.xml.gz", bundles);
    }
    long bytes = bundles.stream().mapToLong(b -> b.content().orElseThrow().size()).sum();
    String counted = bundles.size() == 1 ? "1 bundle" : bundles.size() + " bundles";
    out.println(folder.resolve("index.xml") + ": " + counted + ", " + bytes + " bytes");
  }

  /** Whoever reads meanwhile finds the former index or this one, both whole. */
  private static void write(Path folder, String name, List<IndexedResource> bundles)
      throws IOException {
    Path temporary = folder.resolve("." + name + ".tmp");
    try {
      try (FileChannel file = FileChannel.open(temporary, CREATE, TRUNCATE_EXISTING, WRITE)) {
        OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(file));
        String title = folder.getFileName() == null ? "" : folder.getFileName().toString();
        if (name.endsWith(".gz")) {
          GZIPOutputStream packed = new GZIPOutputStream(raw);
          IndexWriter.write(title, folder.toUri(), bundles, packed);
          packed.finish();
        } else {
          IndexWriter.write(title, folder.toUri(), bundles, raw);
        }
        raw.flush();
        file.force(true);
      }
      Files.move(
          temporary,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
