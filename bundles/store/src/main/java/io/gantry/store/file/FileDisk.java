package io.gantry.store.file;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The file system of the gateway, through {@link FileChannel}. */
public final class FileDisk implements Disk {

  @Override
  public DiskFile open(Path file) throws IOException {
    return new OpenFile(FileChannel.open(file, CREATE, READ, WRITE));
  }

  @Override
  public DiskFile openExisting(Path file) throws IOException {
    return new OpenFile(FileChannel.open(file, READ));
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      createFolder(parent);
    }
    Files.createDirectory(folder);
    if (parent != null) {
      syncFolder(parent);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  @Override
  public long usableSpace(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  private record OpenFile(FileChannel channel) implements DiskFile {

    @Override
    public void write(long position, ByteBuffer... buffers) throws IOException {
      long at = position;
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          at += channel.write(buffer, at);
        }
      }
    }

    @Override
    public int read(long position, ByteBuffer buffer) throws IOException {
      int total = 0;
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position + total);
        if (read < 0) {
          break;
        }
        total += read;
      }
      return total;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void truncate(long length) throws IOException {
      channel.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
