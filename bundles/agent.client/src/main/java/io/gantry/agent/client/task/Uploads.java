package io.gantry.agent.client.task;

import io.gantry.agent.client.task.Task.State;
import io.gantry.agent.client.upload.Blob;
import io.gantry.agent.client.upload.BlobStore;
import io.gantry.agent.client.upload.BlobStore.UploadException;
import io.gantry.agent.client.upload.SasUrl;
import io.gantry.agent.client.upload.Spool;
import io.gantry.spi.execution.SerialExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads, one after another, and each its parts one after another: only one file stands in the
 * spool at a time. A part that fails does not keep the others from being tried. State is owned by
 * the serial executor.
 */
public final class Uploads {

  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

  /** Of so many parts that failed the reason is told. */
  private static final int MOST_REASONS = 3;

  private final SerialExecutor executor;
  private final Tasks tasks;
  private final Spool spool;
  private final Supplier<BlobStore> stores;

  // Owned by the executor.
  private final Deque<Work> waiting = new ArrayDeque<>();
  private boolean busy;

  /** A file to be made and uploaded. */
  public record Part(
      List<String> name, String mediaType, boolean gzip, boolean append, Spool.Content content) {}

  private static final class Work {

    private final String id;
    private final SasUrl container;
    private final Deque<Part> parts;
    private final List<String> failures = new ArrayList<>();
    private Optional<BlobStore> store = Optional.empty();

    Work(String id, SasUrl container, List<Part> parts) {
      this.id = id;
      this.container = container;
      this.parts = new ArrayDeque<>(parts);
    }
  }

  /**
   * @param stores makes what one task uploads with
   */
  public Uploads(SerialExecutor executor, Tasks tasks, Spool spool, Supplier<BlobStore> stores) {
    this.executor = executor;
    this.tasks = tasks;
    this.spool = spool;
    this.stores = stores;
  }

  /** Begins a task, when those before it are over. Any thread. */
  public Task start(SasUrl container, List<Part> parts) {
    Task task = tasks.add();
    executor.execute(
        () -> {
          waiting.add(new Work(task.id(), container, parts));
          next();
        });
    return task;
  }

  private void next() {
    Work work = waiting.peek();
    if (work != null && !busy) {
      busy = true;
      tasks.set(work.id, State.RUNNING, "");
      go(work);
    }
  }

  private void go(Work work) {
    Part part = work.parts.poll();
    if (part == null) {
      end(work);
      return;
    }
    Path file;
    try {
      file = spool.write(part.content());
    } catch (IOException | RuntimeException | Error failure) {
      failed(work, "Writing " + String.join("/", part.name()) + " failed: " + failure.getMessage());
      go(work);
      return;
    }
    Blob blob = new Blob(part.name(), file, part.mediaType(), part.gzip(), part.append());
    put(work, blob)
        .whenCompleteAsync(
            (nothing, failure) -> {
              spool.delete(file);
              if (failure != null) {
                failed(work, reason(failure));
              }
              go(work);
            },
            executor);
  }

  /** Whatever is wrong with it, the next ones get their turn. */
  private CompletionStage<Void> put(Work work, Blob blob) {
    try {
      BlobStore store = work.store.orElseGet(stores);
      work.store = Optional.of(store);
      return store.put(work.container, blob);
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof UploadException told
        ? String.valueOf(told.getMessage())
        : "Uploading failed: " + cause.getClass().getSimpleName();
  }

  private static void failed(Work work, String reason) {
    LOG.warn("{}", reason);
    work.failures.add(reason);
  }

  private void end(Work work) {
    List<String> reasons = work.failures.stream().limit(MOST_REASONS).toList();
    int more = work.failures.size() - reasons.size();
    String message = String.join("; ", reasons) + (more > 0 ? "; and " + more + " more" : "");
    tasks.set(work.id, reasons.isEmpty() ? State.COMPLETED : State.FAILED, message);
    waiting.remove();
    busy = false;
    next();
  }
}
