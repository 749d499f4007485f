package io.gantry.mqtt;

import io.gantry.mqtt.broker.Door;
import io.gantry.spi.session.Listener;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the door for everybody. */
@Component(service = Listener.class)
public final class TlsListener implements Listener {

  private final MqttComponent mqtt;

  @Activate
  public TlsListener(@Reference MqttComponent mqtt) {
    this.mqtt = mqtt;
  }

  private Optional<Door> door() {
    return mqtt.server().tls();
  }

  @Override
  public String protocol() {
    return "mqtts";
  }

  @Override
  public Optional<String> endpoint() {
    return door().flatMap(Door::endpoint);
  }

  @Override
  public Optional<String> problem() {
    return door().flatMap(Door::problem);
  }

  @Override
  public int connections() {
    return mqtt.server().connections(false);
  }

  @Override
  public boolean wanted() {
    return door().isPresent();
  }
}
