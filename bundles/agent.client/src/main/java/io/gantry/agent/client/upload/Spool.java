package io.gantry.agent.client.upload;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where files stand until they are uploaded: what a log held when it was asked for stays the same,
 * however often it is tried. For one thread.
 */
public final class Spool {

  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private static final String ENDING = ".spool";

  private final Path folder;
  private final long mostBytes;
  private long number;

  /**
   * @param mostBytes bound of one file
   */
  public Spool(Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** A new file with this content; none is left when that fails. */
  public Path write(Content content) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(number++ + ENDING);
    try (OutputStream out =
        new Bounded(new BufferedOutputStream(Files.newOutputStream(file)), mostBytes)) {
      content.writeTo(out);
      return file;
    } catch (IOException | RuntimeException | Error failure) {
      delete(file);
      throw failure;
    }
  }

  /** Deletes a file. */
  public void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      LOG.warn("{} cannot be deleted; that is tried again at the next start", file, failure);
    }
  }

  /** Deletes what a former run has left. */
  public void clear() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> left = files.filter(file -> file.toString().endsWith(ENDING)).toList();
      left.forEach(this::delete);
    } catch (IOException failure) {
      LOG.warn("{} cannot be read; files for uploads may be left in it", folder, failure);
    }
  }

  private static final class Bounded extends FilterOutputStream {

    private final long most;
    private long written;

    Bounded(OutputStream out, long most) {
      super(out);
      this.most = most;
    }

    @Override
    public void write(int b) throws IOException {
      count(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      count(length);
      out.write(bytes, offset, length);
    }

    private void count(int bytes) throws IOException {
      written += bytes;
      if (written > most) {
        throw new IOException("expected at most " + most + " bytes, found more");
      }
    }
  }
}
