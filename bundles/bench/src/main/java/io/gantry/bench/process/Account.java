package io.gantry.bench.process;

/**
 * What a device logs in with.
 *
 * @param clientId its device id
 * @param userName as IoT Hub wants it; any other broker takes it, too
 * @param password a token
 */
public record Account(String clientId, String userName, String password) {

  static Account of(String deviceId, String hub, String token) {
    return new Account(deviceId, hub + "/" + deviceId + "/?api-version=2021-04-12", token);
  }
}
