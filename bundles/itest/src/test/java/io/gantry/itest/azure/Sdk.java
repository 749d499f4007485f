package io.gantry.itest.azure;

import com.microsoft.azure.sdk.iot.device.ConnectionStatusChangeContext;
import com.microsoft.azure.sdk.iot.device.InternalClient;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.transport.IotHubConnectionStatus;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.device.twin.ReportedPropertiesUpdateResponse;
import com.microsoft.azure.sdk.iot.device.twin.Twin;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;

/**
 * A client of the SDK with what it was told: of its connection, of its desired properties, of
 * calls.
 *
 * @param <C> the SDK's client of a device, or of a module
 */
final class Sdk<C extends InternalClient> implements AutoCloseable {

  /**
   * The SDK loses one in some dozens of the responses to twin requests by itself: the thread that
   * acknowledges a response may take the waiting callback away first.
   */
  private static final int TRIES = 6;

  private static final int ANSWER_MILLIS = 5_000;

  private final C client;
  private final Inbox<ConnectionStatusChangeContext> changes = new Inbox<>();
  private final Inbox<TwinCollection> desired = new Inbox<>();

  Sdk(C client) {
    this.client = client;
    client.setConnectionStatusChangeCallback(changes::add, null);
  }

  private interface Request<R> {
    R send() throws IotHubClientException, InterruptedException;
  }

  private static <R> R again(Request<R> request)
      throws IotHubClientException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        return request.send();
      } catch (IotHubClientException e) {
        if (i == TRIES || e.getStatusCode() != IotHubStatusCode.DEVICE_OPERATION_TIMED_OUT) {
          throw e;
        }
      }
    }
  }

  /** Connects at the first attempt, or says why not. */
  Sdk<C> open() throws IotHubClientException {
    boolean retry = false;
    client.open(retry);
    return this;
  }

  C client() {
    return client;
  }

  /** What happened to the connection. */
  Inbox<ConnectionStatusChangeContext> changes() {
    return changes;
  }

  /** Waits until it comes to this state, from now on or before. */
  ConnectionStatusChangeContext awaitState(IotHubConnectionStatus state) {
    return changes.await(state.toString(), change -> change.getNewStatus() == state);
  }

  /** Changes of the desired properties; there are none before {@link #followDesired}. */
  Inbox<TwinCollection> desired() {
    return desired;
  }

  /** Subscribes to desired properties, which the SDK insists on before anything about twins. */
  void followDesired() throws IotHubClientException, InterruptedException {
    again(
        () -> {
          client.subscribeToDesiredProperties(
              (change, context) -> desired.add(change.getDesiredProperties()), null, ANSWER_MILLIS);
          return true;
        });
  }

  Twin twin() throws IotHubClientException, InterruptedException {
    return again(() -> client.getTwin(ANSWER_MILLIS));
  }

  ReportedPropertiesUpdateResponse report(String name, Object value)
      throws IotHubClientException, InterruptedException {
    TwinCollection reported = new TwinCollection();
    reported.put(name, value);
    return again(() -> client.updateReportedProperties(reported, ANSWER_MILLIS));
  }

  /** Answers {@code ping} with what it was given, and everything else with 404. */
  void answerPing() throws IotHubClientException, InterruptedException {
    again(
        () -> {
          client.subscribeToMethods(
              (name, payload, context) ->
                  name.equals("ping")
                      ? new DirectMethodResponse(200, payload.getPayloadAsJsonElement())
                      : new DirectMethodResponse(404, "there is no method " + name),
              null,
              ANSWER_MILLIS);
          return true;
        });
  }

  @Override
  public void close() {
    client.close();
  }
}
