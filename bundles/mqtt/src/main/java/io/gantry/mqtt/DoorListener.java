package io.gantry.mqtt;

import io.gantry.mqtt.broker.Door;
import io.gantry.spi.session.Listener;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Shows a door, or that there shall be none. */
class DoorListener implements Listener {

  private final String protocol;
  private final Optional<Door> door;
  private final IntSupplier connections;

  DoorListener(String protocol, Optional<Door> door, IntSupplier connections) {
    this.protocol = protocol;
    this.door = door;
    this.connections = connections;
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public Optional<String> endpoint() {
    return door.flatMap(Door::endpoint);
  }

  @Override
  public Optional<String> problem() {
    return door.flatMap(Door::problem);
  }

  @Override
  public int connections() {
    return connections.getAsInt();
  }

  @Override
  public boolean wanted() {
    return door.isPresent();
  }
}
