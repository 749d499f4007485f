package io.gantry.agent.client.upload;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Stages;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts files into a container, by the REST API of Azure's blob service ("Put Blob", "Append
 * Block"). What may be better the next time is tried again, from the beginning: putting a blob
 * replaces what a former attempt has left. Nobody waits on a thread meanwhile.
 */
public final class BlobStore {

  private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);

  private static final int ATTEMPTS = 6;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(5);

  /** The largest block that may be appended. */
  private static final int BLOCK = 4 << 20;

  private static final String VERSION = "2020-10-02";

  /** Of the service's answers, those that another attempt may change. */
  private static final Set<Integer> TEMPORARY = Set.of(408, 412, 429, 500, 502, 503, 504);

  private final Executor executor;
  private final Scheduler scheduler;
  private final HttpClient client;

  /**
   * @param executor runs what there is to do
   */
  public BlobStore(Executor executor, Scheduler scheduler) {
    this.executor = executor;
    this.scheduler = scheduler;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(executor)
            .build();
  }

  /** Why an upload came to nothing; the text is for the caller and has no signature in it. */
  public static final class UploadException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean temporary;

    UploadException(String text, boolean temporary) {
      super(text);
      this.temporary = temporary;
    }
  }

  /** Uploads; fails with {@link UploadException}. */
  public CompletionStage<Void> put(SasUrl container, Blob blob) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    attempt(container, blob, 1, FIRST_PAUSE, done);
    return done;
  }

  private void attempt(
      SasUrl container, Blob blob, int number, Duration pause, CompletableFuture<Void> done) {
    once(container, blob)
        .whenCompleteAsync(
            (nothing, failure) -> {
              if (failure == null) {
                done.complete(null);
                return;
              }
              UploadException reason = reason(container, blob, failure);
              if (!reason.temporary || number == ATTEMPTS) {
                done.completeExceptionally(reason);
                return;
              }
              LOG.info("{}; trying again in {} s", reason.getMessage(), pause.toSeconds());
              scheduler.schedule(
                  pause,
                  () ->
                      executor.execute(
                          () -> attempt(container, blob, number + 1, pause.multipliedBy(2), done)));
            },
            executor);
  }

  private static UploadException reason(SasUrl container, Blob blob, Throwable failure) {
    Throwable cause = Stages.cause(failure);
    String attempted = "Uploading " + blob.title() + " to " + container + " failed: ";
    if (cause instanceof Refused refused) {
      return new UploadException(attempted + refused.answer, TEMPORARY.contains(refused.status));
    }
    // An exception of the client may hold the address in its text, and the address the signature.
    LOG.debug("The kind of failure: {}", cause.getClass().getName());
    return new UploadException(attempted + cause.getClass().getSimpleName(), true);
  }

  private CompletionStage<Void> once(SasUrl container, Blob blob) {
    try {
      HttpRequest.Builder request =
          request(container.blob(blob.name()))
              .header("x-ms-blob-type", blob.append() ? "AppendBlob" : "BlockBlob")
              .header("x-ms-blob-content-type", blob.mediaType())
              .header("Content-Type", blob.mediaType());
      if (blob.gzip()) {
        request.header("x-ms-blob-content-encoding", "gzip");
      }
      BodyPublisher body =
          blob.append() ? BodyPublishers.noBody() : BodyPublishers.ofFile(blob.file());
      CompletionStage<Void> put = send(request.PUT(body).build());
      return blob.append()
          ? put.thenComposeAsync(nothing -> append(container, blob, 0), executor)
          : put;
    } catch (IOException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletionStage<Void> append(SasUrl container, Blob blob, long position) {
    try {
      byte[] block = read(blob, position);
      if (block.length == 0) {
        return CompletableFuture.completedFuture(null);
      }
      HttpRequest request =
          request(container.appendTo(blob.name()))
              .header("x-ms-blob-condition-appendpos", Long.toString(position))
              .PUT(BodyPublishers.ofByteArray(block))
              .build();
      return send(request)
          .thenComposeAsync(nothing -> append(container, blob, position + block.length), executor);
    } catch (IOException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private static byte[] read(Blob blob, long position) throws IOException {
    try (FileChannel file = FileChannel.open(blob.file())) {
      ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, file.size() - position));
      int read = 0;
      while (block.hasRemaining() && read >= 0) {
        read = file.read(block, position + block.position());
      }
      return block.array();
    }
  }

  private static HttpRequest.Builder request(URI address) {
    return HttpRequest.newBuilder(address).timeout(REQUEST_TIMEOUT).header("x-ms-version", VERSION);
  }

  /**
   * The status says all. The rest of an answer is not waited for: no limit ends that, and one that
   * never came to its end would keep all other uploads waiting.
   */
  private CompletionStage<Void> send(HttpRequest request) {
    return client
        .sendAsync(request, BodyHandlers.ofInputStream())
        .thenAccept(
            answer -> {
              close(answer);
              if (answer.statusCode() / 100 != 2) {
                throw new Refused(answer);
              }
            });
  }

  private static void close(HttpResponse<InputStream> answer) {
    try {
      answer.body().close();
    } catch (IOException failure) {
      LOG.debug("The kind of failure: {}", failure.getClass().getName());
    }
  }

  private static final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String answer;

    Refused(HttpResponse<?> answer) {
      this.status = answer.statusCode();
      String code = answer.headers().firstValue("x-ms-error-code").orElse("");
      this.answer = (status + " " + code.replaceAll("[^A-Za-z0-9]", "")).strip();
    }
  }
}
