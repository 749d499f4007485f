package io.gantry.module.host.fetch;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers, by GET alone. Redirects are followed here and not by the JDK's client: at most five
 * of them, never from an encrypted address to one that is not, each with the credentials for its
 * own address and no others. Any thread.
 *
 * <p>The JDK's client has a thread and sockets of its own. It is made when something is asked, and
 * let go when nothing was asked for a while; what is under way then goes on to its end.
 */
public final class Http implements AutoCloseable {

  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> ANSWERS = Set.of(200, 206, 304, 416);
  private static final Duration IDLE = Duration.ofSeconds(10);

  /**
   * How long is waited.
   *
   * @param connect for a connection
   * @param stall for the next byte, also for the first one of an answer; ten times as long for a
   *     few kilobytes
   */
  public record Limits(Duration connect, Duration stall) {}

  /**
   * An answer: 200, 206, 304 or 416.
   *
   * @param uri who answered at last
   * @param end ends the transfer
   */
  public record Answer(int status, URI uri, HttpHeaders headers, InputStream body, Runnable end)
      implements AutoCloseable {

    /** The value of a header. */
    public Optional<String> header(String name) {
      return headers.firstValue(name);
    }

    /** How long the body is; negative when the server does not say. */
    public long length() {
      return headers.firstValueAsLong("Content-Length").orElse(-1);
    }

    @Override
    public void close() {
      end.run();
    }
  }

  /** A client, and how often it was asked for. */
  private record Held(HttpClient client, long uses) {}

  private final Limits limits;
  private final Optional<SSLContext> trust;
  private final Scheduler scheduler;
  private final SerialExecutor executor;
  private final Set<Runnable> underWay = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private final AtomicReference<@Nullable Held> held = new AtomicReference<>();

  /**
   * @param trust whom to trust instead of those whom Java does
   */
  public Http(Limits limits, Optional<SSLContext> trust, Scheduler scheduler, Threads threads) {
    this.limits = limits;
    this.trust = trust;
    this.scheduler = scheduler;
    this.executor = threads.serial("module-http");
  }

  /**
   * Asks. The answer must be closed.
   *
   * @throws FetchException with the rest of a sentence about the address
   */
  public Answer get(
      URI address, Logins logins, Map<String, String> headers, Cancellation cancellation)
      throws FetchException {
    URI at = Addresses.checked(address);
    for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
      Optional<String> authorization = logins.authorization(at);
      Answer answer = once(at, authorization, headers, cancellation);
      if (ANSWERS.contains(answer.status())) {
        return answer;
      }
      answer.close();
      if (!REDIRECTS.contains(answer.status())) {
        throw refusal(answer.status(), at, authorization.isPresent());
      }
      at = next(at, answer);
    }
    throw FetchException.lasting(
        "leads on and on: more than "
            + MAX_REDIRECTS
            + " redirects, the last to "
            + Addresses.shown(at));
  }

  private static URI next(URI at, Answer answer) throws FetchException {
    String location =
        answer
            .header("Location")
            .orElseThrow(
                () ->
                    FetchException.lasting(
                        "answered " + answer.status() + " (redirect) without saying whereto"));
    URI next;
    try {
      next = at.resolve(location);
    } catch (IllegalArgumentException e) {
      throw FetchException.lasting("leads to what is no address");
    }
    try {
      Addresses.checked(next);
    } catch (FetchException e) {
      throw FetchException.lasting("leads to what is no address of a server");
    }
    if (Addresses.isSecure(at) && !Addresses.isSecure(next)) {
      throw FetchException.lasting(
          "leads from https to " + Addresses.shown(next) + ", which is not encrypted");
    }
    return next;
  }

  private Answer once(
      URI at,
      Optional<String> authorization,
      Map<String, String> headers,
      Cancellation cancellation)
      throws FetchException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at).timeout(limits.stall()).header("User-Agent", "gantry");
    headers.forEach(request::header);
    authorization.ifPresent(value -> request.header("Authorization", value));
    if (closed) {
      throw FetchException.temporary("is not asked: the runtime is being stopped", null);
    }
    Body body = new Body(limits.stall());
    CompletableFuture<HttpResponse<InputStream>> future =
        client().sendAsync(request.build(), info -> body);
    Runnable end =
        () -> {
          future.cancel(true);
          body.close();
        };
    underWay.add(end);
    Trickle trickle = new Trickle(body, limits.stall(), scheduler);
    Runnable done =
        () -> {
          underWay.remove(end);
          trickle.end();
          body.close();
        };
    boolean answered = false;
    try {
      cancellation.begin(end);
      HttpResponse<InputStream> response = future.get();
      answered = true;
      trickle.begin();
      return new Answer(response.statusCode(), at, response.headers(), body, done);
    } catch (ExecutionException e) {
      throw problem(e.getCause(), at);
    } catch (CancellationException e) {
      throw FetchException.temporary("was called off", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FetchException.temporary("was interrupted", e);
    } finally {
      if (!answered) {
        done.run();
      }
    }
  }

  // ---- sentences ---------------------------------------------------------------------------

  private FetchException problem(Throwable thrown, URI at) {
    if (thrown instanceof HttpConnectTimeoutException) {
      return FetchException.temporary(
          "cannot be reached: no connection within " + seconds(limits.connect()), thrown);
    }
    if (thrown instanceof HttpTimeoutException) {
      return FetchException.temporary(
          "stalled: no answer within " + seconds(limits.stall()), thrown);
    }
    if (has(thrown, UnresolvedAddressException.class)) {
      return FetchException.temporary(
          "cannot be reached: no machine of the name " + at.getHost() + " is known", thrown);
    }
    if (thrown instanceof ConnectException) {
      return FetchException.temporary(
          "cannot be reached: "
              + (thrown.getMessage() == null ? "no connection" : thrown.getMessage()),
          thrown);
    }
    if (has(thrown, CertificateException.class) || has(thrown, CertPathValidatorException.class)) {
      return FetchException.of(
          "shows a certificate that is not trusted: "
              + thrown.getMessage()
              + "; repositoryAuthorities names further authorities",
          thrown,
          false);
    }
    return FetchException.temporary("broke off: " + thrown.getMessage(), thrown);
  }

  private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  private static FetchException refusal(int status, URI at, boolean shown) {
    String place = at.getHost() + (at.getPort() < 0 ? "" : ":" + at.getPort());
    return switch (status) {
      case 401 ->
          FetchException.status(
              status,
              shown
                  ? "does not accept our credentials (401 Unauthorized): those for "
                      + place
                      + " in the registryCredentials of the deployment are wrong or too old"
                  : "asks who we are (401 Unauthorized), and the registryCredentials of the"
                      + " deployment have nothing for "
                      + place,
              false);
      case 403 ->
          FetchException.status(
              status,
              "does not let us in (403 Forbidden)"
                  + (shown ? ": our credentials do not suffice" : ""),
              false);
      case 404, 410 -> FetchException.status(status, "is not there (" + status + ")", false);
      case 407 ->
          FetchException.status(
              status, "cannot be reached: the proxy asks who we are (407)", false);
      case 408, 425, 429 ->
          FetchException.status(status, "has no time for us now (" + status + ")", true);
      default ->
          status >= 500
              ? FetchException.status(
                  status, "has an error of its own (" + status + "), which may pass", true)
              : FetchException.status(
                  status, "gave an answer that was not expected (" + status + ")", false);
    };
  }

  static String seconds(Duration duration) {
    return duration.toMillis() < 1000 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
  }

  // ---- the client --------------------------------------------------------------------------

  private HttpClient client() {
    while (true) {
      Held now = held.get();
      Held next = now == null ? new Held(make(), 0) : new Held(now.client(), now.uses() + 1);
      if (held.compareAndSet(now, next)) {
        if (now == null) {
          letGoLater(next);
        }
        return next.client();
      }
    }
  }

  private HttpClient make() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(limits.connect())
            .executor(executor);
    trust.ifPresent(builder::sslContext);
    return builder.build();
  }

  private void letGoLater(Held unused) {
    scheduler.schedule(
        IDLE,
        () -> {
          Held now = held.get();
          if (now != null && !(now.equals(unused) && held.compareAndSet(now, null))) {
            letGoLater(now);
          }
        });
  }

  /** Ends what is under way, and does not wait for it. */
  @Override
  public void close() {
    closed = true;
    underWay.forEach(Runnable::run);
    held.set(null);
    executor.close();
  }
}
