package io.gantry.web.method;

import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Credentials;
import io.gantry.web.http.Target;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a module calls a direct method of a device or of another module: {@code POST
 * /twins/DEVICE/methods} and {@code /twins/DEVICE/modules/MODULE/methods}, as on an IoT Edge hub. A
 * caller is examined before its body is read: what strangers send is never kept. Any thread.
 */
public final class MethodDoor {

  /** The largest body: a payload of 128 KiB, escaped, with the other fields around it. */
  public static final int MAX_BODY = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(MethodDoor.class);

  /**
   * Who calls, as the head of a request says.
   *
   * @param caller header {@code x-ms-edge-moduleId}: {@code device/module}
   * @param authorization header {@code Authorization}: a SAS token
   * @param certificates shown in the TLS handshake; empty when none
   * @param from where the client is
   */
  public record Claim(
      @Nullable String caller,
      @Nullable String authorization,
      List<X509Certificate> certificates,
      InetAddress from) {}

  private final Hub hub;

  public MethodDoor(Hub hub) {
    this.hub = hub;
  }

  /** Whose method a request calls. */
  public static Identity target(Target target) throws RequestException {
    List<String> path = target.segments();
    int last = path.size() - 1;
    boolean methods = last >= 0 && path.get(0).equals("twins") && path.get(last).equals("methods");
    try {
      if (methods && path.size() == 3) {
        return new DeviceIdentity(path.get(1));
      }
      if (methods && path.size() == 5 && path.get(2).equals("modules")) {
        return new ModuleIdentity(path.get(1), path.get(3));
      }
    } catch (IllegalArgumentException invalid) {
      throw new RequestException(400, String.valueOf(invalid.getMessage()));
    }
    throw new RequestException(404, "there is nothing at this address");
  }

  /**
   * Examines a caller.
   *
   * @return completes, on any thread, when it may call; fails with {@code RequestException}
   */
  public CompletionStage<Void> admit(Claim claim) {
    try {
      ModuleIdentity caller = caller(claim);
      Credentials credentials = credentials(claim);
      return hub.authenticator()
          .authenticate(caller, credentials, claim.from())
          .thenCompose(result -> decided(caller, claim.from(), result));
    } catch (RequestException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** Only modules of this gateway: what devices could do here, they have no tokens for. */
  private ModuleIdentity caller(Claim claim) throws RequestException {
    String own = hub.gateway().deviceId();
    String text = claim.caller() == null ? "" : claim.caller();
    int slash = text.indexOf('/');
    if (slash > 0 && text.substring(0, slash).equals(own)) {
      try {
        return new ModuleIdentity(own, text.substring(slash + 1));
      } catch (IllegalArgumentException invalid) {
        // said below
      }
    }
    throw new RequestException(
        401, "x-ms-edge-moduleId: expected device/module, a module of this gateway");
  }

  private static Credentials credentials(Claim claim) throws RequestException {
    if (claim.authorization() != null) {
      return new Credentials.Token(claim.authorization());
    }
    if (!claim.certificates().isEmpty()) {
      return new Credentials.Certificate(claim.certificates());
    }
    throw new RequestException(401, "Authorization: expected a token, found none");
  }

  private static CompletionStage<Void> decided(
      Identity caller, InetAddress from, Authentication result) {
    if (result instanceof Authentication.Refused refused) {
      LOG.debug("HTTPS: {} from {} refused: {}", caller, from, refused.text());
      return CompletableFuture.failedFuture(
          refused.temporary()
              ? new RequestException(503, "not authorized now; try again later")
              : new RequestException(401, "not authorized"));
    }
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Calls.
   *
   * @return completes with the answer in JSON, on any thread; fails with {@code RequestException}
   */
  public CompletionStage<String> call(Identity target, byte[] body) {
    try {
      return hub.methods().invoke(CallBody.parse(target, body)).thenApply(MethodDoor::json);
    } catch (RequestException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** SDKs for Java fail where there is no payload. */
  private static String json(MethodResponse answer) {
    String payload = answer.payload().isBlank() ? "null" : answer.payload();
    return "{\"status\":" + answer.status() + ",\"payload\":" + payload + "}";
  }
}
