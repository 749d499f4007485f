package io.gantry.spi.identity;

/** A leaf device, or the gateway itself. */
public record DeviceIdentity(String deviceId) implements Identity {

  public DeviceIdentity {
    Identity.requireValidId("device id", deviceId);
  }

  @Override
  public String id() {
    return deviceId;
  }

  @Override
  public String toString() {
    return deviceId;
  }
}
