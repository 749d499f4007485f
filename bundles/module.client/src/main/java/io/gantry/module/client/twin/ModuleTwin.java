package io.gantry.module.client.twin;

import io.gantry.api.module.Twin;
import io.gantry.module.client.connection.ModuleConnection;
import io.gantry.module.client.connection.Requests;
import java.util.concurrent.CompletionStage;

/** A module asks for its twin and reports. Any thread. */
public final class ModuleTwin {

  private final ModuleConnection connection;

  public ModuleTwin(ModuleConnection connection) {
    this.connection = connection;
  }

  /** The twin; fails with {@code RequestException}. */
  public CompletionStage<Twin> twin() {
    return Requests.ask(
        "Reading the twin of module " + connection.module(), () -> connection.open().twin());
  }

  /** Changes reported properties; fails with {@code RequestException}. */
  public CompletionStage<Long> report(String patch) {
    return Requests.ask(
        "Reporting of module " + connection.module(), () -> connection.open().report(patch));
  }
}
