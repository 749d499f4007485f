package io.gantry.console.management;

import io.gantry.api.module.Twin;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.TwinJson;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Rejected;
import io.gantry.spi.twin.Twins;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code /v1/twins} and {@code /v1/c2d}: what the back end of an IoT hub does to devices. */
final class BackEndCall {

  private static final int LONGEST_PATCH = 256 * 1024;
  private static final int LONGEST_MESSAGE = 512 * 1024;

  /** Ten years, as good as for ever; the hub has a limit of its own. */
  private static final long MOST_SECONDS = 10 * 365 * 86_400L;

  private final Gateway gateway;
  private final Supplier<Instant> now;

  BackEndCall(Gateway gateway, Supplier<Instant> now) {
    this.gateway = gateway;
    this.now = now;
  }

  private Twins twins() throws ApiException {
    return gateway
        .twins()
        .orElseThrow(() -> new ApiException(503, "twins are not there: see status"));
  }

  /** The twin of {@code identity}. */
  void twin(Call call) throws IOException, ApiException {
    answer(call, Outcome.of(twins().get(call.identity(gateway))));
  }

  /** Merges the body, a JSON object, into the desired properties of {@code identity}. */
  void updateTwin(Call call) throws IOException, ApiException {
    String patch = call.body(LONGEST_PATCH);
    answer(call, Outcome.of(twins().updateDesired(call.identity(gateway), patch)));
  }

  private static void answer(Call call, Twin twin) throws IOException {
    String json = TwinJson.twin(twin);
    call.answer(200, json, json);
  }

  /** Sends the message in the body to {@code device}; it waits there for {@code expiry} seconds. */
  void send(Call call) throws IOException, ApiException {
    DeviceMessages messages =
        gateway
            .deviceMessages()
            .orElseThrow(
                () -> new ApiException(503, "cloud-to-device messages are not there: see status"));
    Identity target = Call.identity(call.required("device"));
    if (!(target instanceof DeviceIdentity)) {
      throw new ApiException(
          400, "device: expected a device, found the module " + target.id() + ", which gets none");
    }
    MessageReader.Given given = MessageReader.read(call.body(LONGEST_MESSAGE));
    SendResult result = Outcome.of(messages.send(target.deviceId(), given.message(), expiry(call)));
    if (result instanceof Rejected rejected) {
      throw new ApiException(status(rejected.reason()), rejected.text());
    }
    call.answer(
        200,
        "{\"stored\":true}\n",
        "stored for " + target.deviceId() + ", which gets it when it is connected\n");
  }

  private Optional<Instant> expiry(Call call) throws ApiException {
    Optional<Long> seconds = call.number("expiry");
    if (seconds.isPresent() && (seconds.get() < 1 || seconds.get() > MOST_SECONDS)) {
      throw new ApiException(
          400, "expiry: expected 1 to " + MOST_SECONDS + " seconds, found " + seconds.get());
    }
    return seconds.map(now.get()::plusSeconds);
  }

  private static int status(SendResult.Reason reason) {
    return switch (reason) {
      case TOO_LARGE -> 413;
      case STORE_FULL -> 507;
      case STORE_BROKEN, CLOSED -> 503;
      case INVALID -> 400;
    };
  }
}
