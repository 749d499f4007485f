package io.gantry.mqtt;

import io.gantry.spi.session.Listener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the door for this machine. */
@Component(service = Listener.class)
public final class PlainListener extends DoorListener {

  @Activate
  public PlainListener(@Reference MqttComponent mqtt) {
    super("mqtt", mqtt.server().plain(), () -> mqtt.server().connections(true));
  }
}
