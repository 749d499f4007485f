package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What we know of one installed module. Belongs to the runtime's serial executor. */
final class Module {

  private static final Logger LOG = LoggerFactory.getLogger(Module.class);

  private final String name;
  private final Installed installed;
  private State state = State.STOPPED;
  private Optional<String> error = Optional.empty();
  private boolean stepUnderWay;
  private @Nullable Call lastCall;

  Module(String name, Installed installed) {
    this.name = name;
    this.installed = installed;
  }

  String name() {
    return name;
  }

  Installed installed() {
    return installed;
  }

  Bundle bundle() {
    return installed.bundle();
  }

  State state() {
    return state;
  }

  Optional<String> error() {
    return error;
  }

  /** Changes the state; each change is logged once, with its reason. */
  void become(State next, Optional<String> reason) {
    if (next == state) {
      error = reason;
      return;
    }
    String why = reason.map(text -> ": " + text).orElse("");
    if (next == State.FAILED) {
      LOG.error("module {} {}: {} -> {}{}", name, bundle().getVersion(), state, next, why);
    } else {
      LOG.info("module {} {}: {} -> {}{}", name, bundle().getVersion(), state, next, why);
    }
    state = next;
    error = reason;
  }

  /** What a component waits for, or an error that did not stop the module. */
  void hint(Optional<String> text) {
    if (text.isPresent() && !text.equals(error)) {
      LOG.warn("module {}: {}", name, text.get());
    }
    error = text;
  }

  /** While a step is under way the bundle's changes are its doing. */
  boolean isStepUnderWay() {
    return stepUnderWay;
  }

  void stepUnderWay(boolean underWay) {
    stepUnderWay = underWay;
  }

  void called(Call call) {
    lastCall = call;
  }

  /** A start or stop that was given up and has not come back; it still holds the bundle. */
  Optional<Call> hanging() {
    return Optional.ofNullable(lastCall).filter(Call::hangs);
  }

  InstalledModule snapshot() {
    return new InstalledModule(name, installed.prepared(), state, error);
  }
}
