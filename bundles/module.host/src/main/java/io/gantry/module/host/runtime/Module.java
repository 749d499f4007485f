package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.health.Verdict;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleLocation;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What we know of one generation of a module. Belongs to the runtime's serial executor.
 *
 * <p>While it is active it is well or not, by its health checks and its handlers, each of which may
 * get better without the other.
 */
final class Module {

  private static final Logger LOG = LoggerFactory.getLogger(Module.class);

  private final String name;
  private final Installed installed;
  private final ModuleLocation location;
  private State state = State.STOPPED;
  private Optional<String> error = Optional.empty();
  private boolean stepUnderWay;
  private @Nullable Call lastCall;

  // while it is active
  private Optional<String> hint = Optional.empty();
  private Optional<String> hanging = Optional.empty();
  private Optional<String> sick = Optional.empty();
  private Optional<Instant> notYetSince = Optional.empty();

  Module(Installed installed) {
    this.name = installed.prepared().spec().name();
    this.installed = installed;
    this.location = ModuleLocation.parse(installed.bundle().getLocation()).orElseThrow();
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

  ModuleLocation location() {
    return location;
  }

  State state() {
    return state;
  }

  Optional<String> error() {
    return error;
  }

  /** Whether it runs, healthy or not. */
  boolean isActive() {
    return state == State.RUNNING || state == State.UNHEALTHY;
  }

  /** Changes the state; each change is logged once, with its reason. */
  void become(State next, Optional<String> reason) {
    if (next != state) {
      log(next, reason.map(text -> ": " + text).orElse(""));
    }
    if (next != State.RUNNING && next != State.UNHEALTHY) {
      hanging = Optional.empty();
      sick = Optional.empty();
      notYetSince = Optional.empty();
    }
    state = next;
    error = reason;
  }

  private void log(State next, String why) {
    switch (next) {
      case FAILED ->
          LOG.error("module {} {}: {} -> {}{}", name, bundle().getVersion(), state, next, why);
      case UNHEALTHY ->
          LOG.warn("module {} {}: {} -> {}{}", name, bundle().getVersion(), state, next, why);
      default ->
          LOG.info("module {} {}: {} -> {}{}", name, bundle().getVersion(), state, next, why);
    }
  }

  /** Its start has succeeded; the hint says what a component still waits for. */
  void runs(Optional<String> waiting) {
    hint = waiting;
    become(State.RUNNING, waiting);
  }

  /** A thread of it died while it was starting; told when the start comes to its end. */
  void crashed(String text) {
    error = Optional.of(text);
  }

  /** Whether the hint is another one than before. */
  boolean hint(Optional<String> text) {
    if (text.equals(hint)) {
      return false;
    }
    text.ifPresent(news -> LOG.warn("module {}: {}", name, news));
    hint = text;
    assess();
    return true;
  }

  /** A handler of it hangs, or none does any more. Whether this makes it healthy or unhealthy. */
  boolean hangs(Optional<String> problem) {
    hanging = problem;
    return assess();
  }

  /** What its health checks say. Whether this makes it healthy or unhealthy. */
  boolean examined(Verdict verdict, Instant now, Duration patience) {
    switch (verdict.grade()) {
      case HEALTHY -> {
        notYetSince = Optional.empty();
        sick = Optional.empty();
      }
      case UNHEALTHY -> sick = Optional.of(verdict.text());
      case NOT_YET -> {
        // A clock that was set back must not prolong the patience by as much.
        notYetSince = notYetSince.filter(since -> !now.isBefore(since)).or(() -> Optional.of(now));
        if (!now.isBefore(notYetSince.get().plus(patience))) {
          sick = Optional.of(verdict.text());
        }
      }
      default -> throw new IllegalStateException("unknown grade " + verdict.grade());
    }
    return assess();
  }

  private boolean assess() {
    if (!isActive()) {
      return false;
    }
    State before = state;
    Optional<String> problem = hanging.or(() -> sick);
    if (problem.isPresent()) {
      become(State.UNHEALTHY, problem);
    } else {
      become(State.RUNNING, hint);
    }
    return state != before;
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

  /** A start or stop that has neither come back nor been given up. */
  Optional<Call> callUnderWay() {
    return Optional.ofNullable(lastCall).filter(Call::isUnderWay);
  }

  /** A start or stop that was given up and has not come back; it still holds the bundle. */
  Optional<Call> hanging() {
    return Optional.ofNullable(lastCall).filter(Call::hangs);
  }

  InstalledModule snapshot() {
    return new InstalledModule(name, installed.prepared(), state, error);
  }
}
