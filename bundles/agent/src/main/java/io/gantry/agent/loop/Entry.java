package io.gantry.agent.loop;

import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A deployment as the journal has it.
 *
 * @param number counts up
 * @param origin why it was made, for a person
 * @param takenAt when its manifest was taken
 * @param manifest its text; empty when it is only history
 * @param prepared what was prepared for each module, without the specification that stands in the
 *     manifest
 * @param former how the one that it takes the place of will have ended, when not just replaced: a
 *     crash must not forget why this one was made
 * @param ending how it ended; empty while it is pending or in force
 */
record Entry(
    long number,
    String origin,
    Instant takenAt,
    Optional<String> manifest,
    SortedMap<String, Prepared> prepared,
    Optional<Former> former,
    Optional<Ending> ending) {

  private static final int LONGEST = 2000;

  /** The part of a {@link PreparedModule} that does not stand in the manifest. */
  record Prepared(
      String version,
      String sha256,
      List<PreparedModule.SharedBundle> shared,
      Set<String> singletons) {

    static Prepared of(PreparedModule module) {
      return new Prepared(module.version(), module.sha256(), module.shared(), module.singletons());
    }

    /** What was prepared, as it is asked for. */
    PreparedModule as(ModuleSpec spec) {
      return new PreparedModule(spec, version, sha256, shared, singletons);
    }
  }

  /** How another deployment ends when this one comes into force. */
  record Former(long number, DeploymentRecord.State state, String why) {

    Former {
      why = cut(why);
    }

    boolean isRolledBack() {
      return state == DeploymentRecord.State.ROLLED_BACK;
    }
  }

  /** How a deployment ended. */
  record Ending(DeploymentRecord.State state, Instant at, String description) {

    Ending {
      description = cut(description);
    }
  }

  /** A journal of many deployments has no room for all that many modules have to say. */
  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }

  Entry {
    prepared = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, Prepared>) prepared));
  }

  Entry with(SortedMap<String, Prepared> found) {
    return new Entry(number, origin, takenAt, manifest, found, former, ending);
  }

  Entry ended(Ending how) {
    return new Entry(number, origin, takenAt, manifest, prepared, former, Optional.of(how));
  }

  /** How the one that it takes the place of will have ended. */
  DeploymentRecord.State formerState() {
    return former.map(Former::state).orElse(DeploymentRecord.State.REPLACED);
  }

  /** Whether it is the way back from one that was not well. */
  boolean isRollback() {
    return former.filter(Former::isRolledBack).isPresent();
  }

  /** Nobody will go back to it. */
  Entry withoutManifest() {
    return new Entry(number, origin, takenAt, Optional.empty(), prepared, former, ending);
  }

  /** Not the manifest: it may hold secrets. */
  @Override
  public String toString() {
    return "Entry[" + number + " " + origin + " " + ending + "]";
  }
}
