package io.gantry.agent.run;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.Optional;

/**
 * One module as the report needs it.
 *
 * @param name its name
 * @param desired how it is declared; empty when it shall go
 * @param installed what is in the framework
 * @param word its status
 * @param description the status for a person
 * @param since when it got this status
 * @param history its restarts
 * @param trail its starts, ends and errors
 */
public record ModuleStatus(
    String name,
    Optional<DeclaredModule> desired,
    Optional<PreparedModule> installed,
    StatusWord word,
    String description,
    Instant since,
    RestartHistory history,
    Trail trail) {

  /** The image as declared, or as installed when it is not declared any more. */
  public String image() {
    return desired
        .map(DeclaredModule::imageText)
        .or(() -> installed.map(prepared -> prepared.spec().image().toString()))
        .orElse("");
  }

  /** With another description. */
  public ModuleStatus withDescription(String text) {
    return new ModuleStatus(name, desired, installed, word, text, since, history, trail);
  }

  /** As it is told when nobody watches the module any more. */
  public ModuleStatus unknown(Instant now) {
    return new ModuleStatus(
        name,
        desired,
        installed,
        StatusWord.UNKNOWN,
        "the agent does not run",
        now,
        history,
        trail);
  }
}
