package io.gantry.module.host.dropin;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import io.gantry.spi.execution.Threads;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that something happened in a folder, from a thread that otherwise sleeps. */
final class FolderWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);

  private final Optional<WatchService> service;
  private final Optional<Object> folder;

  private FolderWatch(Optional<WatchService> service, Optional<Object> folder) {
    this.service = service;
    this.folder = folder;
  }

  /** Which folder it is: a path may lead to another one later. */
  private static Optional<Object> key(Path folder) {
    try {
      return Optional.ofNullable(Files.readAttributes(folder, BasicFileAttributes.class).fileKey());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Where the operating system has no means left, nothing is ever said. */
  static FolderWatch open(Path folder, Threads threads, Runnable happened) {
    Optional<Object> key = key(folder);
    try {
      WatchService service = folder.getFileSystem().newWatchService();
      try {
        folder.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
      } catch (IOException e) {
        service.close();
        throw e;
      }
      threads.factory("drop-ins").newThread(() -> watch(service, happened)).start();
      return new FolderWatch(Optional.of(service), key);
    } catch (IOException e) {
      LOG.warn("drop-ins: {} is looked at from time to time only: {}", folder, e.toString());
      return new FolderWatch(Optional.empty(), key);
    }
  }

  private static void watch(WatchService service, Runnable happened) {
    try {
      boolean valid = true;
      while (valid) {
        WatchKey key = service.take();
        key.pollEvents();
        happened.run();
        valid = key.reset();
      }
      LOG.warn("drop-ins: the folder has gone; it is looked for from time to time only");
    } catch (ClosedWatchServiceException | InterruptedException e) {
      LOG.debug("drop-ins: the folder is no longer watched");
    }
  }

  /** Whether the folder was removed or unmounted, and there is another one in its place. */
  boolean isOutdated(Path path) {
    Optional<Object> now = key(path);
    return now.isPresent() && !now.equals(folder);
  }

  /** Whether something is ever said. */
  boolean isOpen() {
    return service.isPresent();
  }

  @Override
  public void close() {
    service.ifPresent(
        open -> {
          try {
            open.close();
          } catch (IOException e) {
            LOG.warn("drop-ins: {}", e.toString());
          }
        });
  }
}
