package io.gantry.agent.loop;

import io.gantry.spi.deployment.DeployResult;
import java.util.concurrent.CompletableFuture;

/**
 * A manifest that somebody wants deployed.
 *
 * @param manifest its text
 * @param result is told what became of it
 */
record Request(String manifest, CompletableFuture<DeployResult> result) {

  static Request of(String manifest) {
    return new Request(manifest, new CompletableFuture<>());
  }

  @Override
  public String toString() {
    return "Request[" + manifest.length() + " characters]";
  }
}
