package io.gantry.spi.identity;

/** A module of a device. */
public record ModuleIdentity(String deviceId, String moduleId) implements Identity {

  public ModuleIdentity {
    Identity.requireValidId("device id", deviceId);
    Identity.requireValidId("module id", moduleId);
  }

  @Override
  public String id() {
    return deviceId + "/" + moduleId;
  }

  @Override
  public String toString() {
    return id();
  }
}
