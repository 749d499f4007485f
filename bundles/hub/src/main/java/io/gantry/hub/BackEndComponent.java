package io.gantry.hub;

import io.gantry.api.message.Message;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.method.Methods;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.twin.Twins;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Offers the hub's faces to the back end. */
@Component(service = {Twins.class, Methods.class, DeviceMessages.class})
public final class BackEndComponent implements Twins, Methods, DeviceMessages {

  private final Hub hub;

  @Activate
  public BackEndComponent(@Reference HubComponent component) {
    hub = component.hub();
  }

  @Override
  public CompletionStage<Twin> get(Identity identity) {
    return hub.twins().get(identity);
  }

  @Override
  public CompletionStage<Twin> updateDesired(Identity identity, String patch) {
    return hub.twins().updateDesired(identity, patch);
  }

  @Override
  public CompletionStage<Twin> replaceDesired(Identity identity, String desired) {
    return hub.twins().replaceDesired(identity, desired);
  }

  @Override
  public CompletionStage<MethodResponse> invoke(MethodCall call) {
    return hub.methods().invoke(call);
  }

  @Override
  public CompletionStage<SendResult> send(
      String deviceId, Message message, Optional<Instant> expiry) {
    return hub.cloud().send(deviceId, message, expiry);
  }
}
