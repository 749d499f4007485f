package io.gantry.mqtt;

import io.gantry.spi.session.Listener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows the door for everybody. */
@Component(service = Listener.class)
public final class TlsListener extends DoorListener {

  @Activate
  public TlsListener(@Reference MqttComponent mqtt) {
    super("mqtts", mqtt.server().tls(), () -> mqtt.server().connections(false));
  }
}
