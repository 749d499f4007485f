package io.gantry.agent.loop;

import io.gantry.agent.run.Duty;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.twin.Twins;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Gives modules the desired properties that stand in the manifest, in the place of what they had; a
 * module without an entry keeps what it has. In the cloud the service does this. Used by the
 * agent's executor only.
 */
final class ModuleTwins {

  private final Duty setting;
  private Optional<Twins> twins = Optional.empty();
  private Optional<String> deviceId = Optional.empty();
  private SortedMap<String, String> desired = new TreeMap<>();
  private boolean isSet = true;

  ModuleTwins(InstantSource time, Executor owner) {
    setting = new Duty("setting the desired properties of modules", time, owner);
  }

  /** The twins are there. What others before them have not done yet, these are asked for. */
  void use(Twins found) {
    twins = Optional.of(found);
    isSet &= setting.isIdle();
  }

  /** These are no more. */
  void lose(Twins gone) {
    twins = twins.filter(known -> known != gone);
  }

  /** The gateway's own device, whose modules they are. */
  void ofDevice(String id) {
    deviceId = Optional.of(id);
  }

  /** These shall be the desired properties, by module. */
  void declare(SortedMap<String, String> declared) {
    desired = declared;
    isSet = declared.isEmpty();
    setting.drop();
  }

  /** What failed is tried again without waiting. */
  void retryNow() {
    setting.retryNow();
  }

  /** Does what can be done now, and runs {@code then} afterwards. */
  void turn(Runnable then) {
    if (twins.isEmpty() || deviceId.isEmpty()) {
      return;
    }
    if (!isSet) {
      isSet = true;
      Twins known = twins.get();
      String device = deviceId.get();
      SortedMap<String, String> wanted = desired;
      setting.want(() -> setAll(known, device, wanted));
    }
    setting.attend(then);
  }

  /** Each is tried; one that fails keeps no other from it. */
  private static CompletionStage<Void> setAll(
      Twins twins, String device, SortedMap<String, String> wanted) {
    return CompletableFuture.allOf(
        wanted.entrySet().stream()
            .map(
                module ->
                    twins.replaceDesired(
                        new ModuleIdentity(device, module.getKey()), module.getValue()))
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture<?>[]::new));
  }

  /** Whether it has not been tried yet, though it could be. */
  boolean isUntried() {
    return twins.isPresent() && deviceId.isPresent() && (!isSet || setting.isUntried());
  }

  /** What it failed with. */
  Optional<String> failure() {
    return setting.failure();
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due() {
    return twins.isPresent() ? setting.due() : Optional.empty();
  }
}
