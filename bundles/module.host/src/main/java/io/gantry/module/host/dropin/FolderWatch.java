package io.gantry.module.host.dropin;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import io.gantry.spi.execution.Threads;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that something happened in a folder, from a thread that otherwise sleeps. */
final class FolderWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);

  private final Optional<WatchService> service;

  private FolderWatch(Optional<WatchService> service) {
    this.service = service;
  }

  /** Where the operating system has no means left, nothing is ever said. */
  static FolderWatch open(Path folder, Threads threads, Runnable happened) {
    try {
      WatchService service = folder.getFileSystem().newWatchService();
      try {
        folder.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
      } catch (IOException e) {
        service.close();
        throw e;
      }
      threads.factory("drop-ins").newThread(() -> watch(service, happened)).start();
      return new FolderWatch(Optional.of(service));
    } catch (IOException e) {
      LOG.warn("drop-ins: {} is looked at from time to time only: {}", folder, e.toString());
      return new FolderWatch(Optional.empty());
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
