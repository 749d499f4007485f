package io.gantry.console.status;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.SendResult;
import java.util.concurrent.CompletionStage;

/** A hub that has names and nothing else. */
public final class FakeHub implements ClientGateway {

  @Override
  public String deviceId() {
    return "gateway";
  }

  @Override
  public String hubName() {
    return "gantry.local";
  }

  @Override
  public ClientConnection connect(Identity identity, ClientSession session) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean wantsTopic(String topic) {
    return false;
  }

  @Override
  public CompletionStage<SendResult> publish(String topic, Message message) {
    throw new UnsupportedOperationException();
  }
}
