package io.gantry.bench.swap;

import io.gantry.api.message.Message;
import io.gantry.api.module.MessageHandler;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A module that writes down which messages it gets. */
public final class Receiver implements MessageHandler {

  private volatile @Nullable Ledger ledger;
  private int version;

  /** Begins. */
  public void start(Map<String, Object> settings) {
    version = Integer.parseInt(settings.get("Version").toString());
    ledger = Ledger.open(Path.of(settings.get("Ledger").toString()));
  }

  @Override
  public void onMessage(Message message) {
    Ledger open = ledger;
    if (open == null) {
      throw new IllegalStateException("not begun");
    }
    open.delivered(message.body().asByteBuffer().getLong(0), version);
  }
}
