package io.gantry.agent.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.loop.Entry.Ending;
import io.gantry.agent.loop.Entry.Former;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.Table;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbered deployments: what was declared together with what was prepared for it, so that going
 * on, or back, needs nobody. Which one is in force is a single value, whose write is the moment at
 * which a deployment counts: a crash before leaves the old one, a crash after the new one. Entries
 * are sealed, since manifests hold secrets. Used by the agent's executor only.
 */
final class Journal {

  /**
   * What is in force.
   *
   * @param number of the deployment
   * @param previous the one to go back to; 0 for none
   * @param trial 0 when it is not on trial, otherwise how often the runtime was started since
   */
  record InForce(long number, long previous, int trial) {

    InForce confirmed() {
      return new InForce(number, previous, 0);
    }

    InForce startedAgain() {
      return new InForce(number, previous, trial + 1);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String IN_FORCE = "in-force";
  private static final String ENTRY = "deployment:";
  private static final int REMEMBERED = 30;

  private final Table table;
  private final Notes notes;
  private final Vault vault;
  private final InstantSource time;
  private final SortedMap<Long, Entry> entries = new TreeMap<>();
  private Optional<InForce> inForce = Optional.empty();
  private boolean counting;

  Journal(Table table, Vault vault, InstantSource time) {
    this.table = table;
    this.notes = new Notes(table);
    this.vault = vault;
    this.time = time;
  }

  /**
   * Reads what was kept.
   *
   * @throws RuntimeException when it cannot be told what is in force
   */
  void load() {
    inForce = table.get(IN_FORCE).map(Journal::readInForce);
    for (String key : table.keys()) {
      if (key.startsWith(ENTRY)) {
        read(key).ifPresent(entry -> entries.put(entry.number(), entry));
      }
    }
    Optional<Former> former = inForce().flatMap(Entry::former);
    entries.replaceAll((number, entry) -> settled(entry, former));
    if (inForce.isPresent() && inForce().isEmpty()) {
      throw new IllegalStateException(
          "deployment " + inForce.get().number() + " is in force and cannot be read");
    }
  }

  private Optional<Entry> read(String key) {
    try {
      return table.get(key).map(bytes -> EntryJson.read(open(key, bytes)));
    } catch (RuntimeException e) {
      LOG.warn("AGENT-15 the journal's {} cannot be read and is left out: {}", key, e.toString());
      return Optional.empty();
    }
  }

  private byte[] open(String key, byte[] sealed) {
    try {
      return vault.open(key, sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("it was changed, or sealed by another gateway", e);
    }
  }

  /** A crash may have come between the moment at which the next one counted and the note of it. */
  private Entry settled(Entry entry, Optional<Former> former) {
    long now = inForce.map(InForce::number).orElse(0L);
    boolean hasWaited =
        former.filter(bad -> bad.isRolledBack() && bad.number() < entry.number()).isPresent();
    if (entry.ending().isPresent() || entry.number() >= now || hasWaited) {
      return entry;
    }
    if (former.filter(known -> known.number() == entry.number()).isPresent()) {
      return entry.ended(new Ending(former.get().state(), time.instant(), former.get().why()));
    }
    boolean was = inForce.filter(known -> known.previous() == entry.number()).isPresent();
    return entry.ended(new Ending(was ? State.REPLACED : State.CANCELLED, time.instant(), ""));
  }

  Optional<Entry> inForce() {
    return inForce.map(now -> entries.get(now.number()));
  }

  /**
   * How often the runtime was started since the deployment in force is on trial; 0 when it is not.
   */
  int trial() {
    return inForce.map(InForce::trial).orElse(0);
  }

  /** The one to go back to. */
  Optional<Entry> previous() {
    return inForce
        .map(now -> entries.get(now.previous()))
        .filter(entry -> entry.manifest().isPresent());
  }

  /**
   * Those that were taken and are not in force yet, oldest first: one, and one that waits until
   * another one has been taken back, or has waited for the one in force.
   */
  List<Entry> pending() {
    return entries.values().stream()
        .filter(entry -> entry.ending().isEmpty() && !isInForce(entry))
        .toList();
  }

  private boolean isInForce(Entry entry) {
    return inForce.filter(now -> now.number() == entry.number()).isPresent();
  }

  /** The number of the next deployment. */
  long nextNumber() {
    long highest = entries.isEmpty() ? 0 : entries.lastKey();
    return Math.max(highest, inForce.map(InForce::number).orElse(0L)) + 1;
  }

  /** A deployment was taken; the stage completes when that is durable. */
  CompletionStage<Void> open(Entry entry) {
    entries.put(entry.number(), entry);
    return put(entry);
  }

  /** All that it needs was prepared; the stage completes when that is durable. */
  CompletionStage<Void> complete(Entry entry) {
    return put(entry);
  }

  /** Makes it the one in force; the stage completes when that is durable. */
  CompletionStage<Void> count(InForce now) {
    counting = true;
    return notes.put(IN_FORCE, write(now));
  }

  /**
   * What is in force stays. When another one was about to take its place, that is written once
   * more: else the next start would find in force what was given up.
   */
  void stay() {
    if (counting) {
      counting = false;
      inForce.ifPresentOrElse(
          this::note, () -> notes.note("forget what counts no more", IN_FORCE, Optional.empty()));
    }
  }

  /** It was made the one in force, and the one before has ended as it says. */
  void committed(Entry entry, InForce now) {
    Optional<Entry> before = inForce();
    counting = false;
    entries.put(entry.number(), entry);
    inForce = Optional.of(now);
    before
        .filter(old -> old.number() != entry.number())
        .ifPresent(
            old ->
                end(old.number(), entry.formerState(), entry.former().map(Former::why).orElse("")));
    forget();
  }

  /** It never was in force, or is not any more. */
  void end(long number, State state, String why) {
    Entry entry = entries.get(number);
    if (entry != null && entry.ending().isEmpty()) {
      keep(entry.ended(new Ending(state, time.instant(), why)));
    }
  }

  /** The one in force has stood its trial. */
  void confirm() {
    inForce.map(InForce::confirmed).ifPresent(this::note);
  }

  /** The runtime was started again while the one in force is on trial. */
  void startAgain() {
    inForce.map(InForce::startedAgain).ifPresent(this::note);
  }

  /** Not behind the write of the next one, which it would take back; see {@link #stay}. */
  private void note(InForce now) {
    inForce = Optional.of(now);
    if (!counting) {
      notes.note("keep which deployment is in force", IN_FORCE, Optional.of(write(now)));
    }
  }

  /** What could not be noted is noted once more. */
  void tryAgain() {
    notes.tryAgain();
  }

  private void forget() {
    long oldest = entries.lastKey() - REMEMBERED;
    for (Entry entry : List.copyOf(entries.values())) {
      boolean needed =
          entry.ending().isEmpty()
              || inForce.filter(now -> now.previous() == entry.number()).isPresent();
      if (!needed && entry.number() <= oldest) {
        entries.remove(entry.number());
        notes.note("forget deployment " + entry.number(), key(entry), Optional.empty());
      } else if (!needed && entry.manifest().isPresent()) {
        keep(entry.withoutManifest());
      }
    }
  }

  private void keep(Entry entry) {
    entries.put(entry.number(), entry);
    notes.note("keep deployment " + entry.number(), key(entry), Optional.of(sealed(entry)));
  }

  private CompletionStage<Void> put(Entry entry) {
    return notes.put(key(entry), sealed(entry));
  }

  private static String key(Entry entry) {
    return ENTRY + entry.number();
  }

  private byte[] sealed(Entry entry) {
    return vault.seal(key(entry), EntryJson.write(entry));
  }

  /** Newest first. */
  List<DeploymentRecord> history() {
    List<DeploymentRecord> records = new ArrayList<>();
    for (Entry entry : entries.values()) {
      records.add(0, record(entry));
    }
    return List.copyOf(records);
  }

  private DeploymentRecord record(Entry entry) {
    SortedMap<String, String> versions = new TreeMap<>();
    entry.prepared().forEach((module, found) -> versions.put(module, found.version()));
    State open = isInForce(entry) ? State.IN_FORCE : State.PENDING;
    return new DeploymentRecord(
        entry.number(),
        entry.ending().map(Ending::state).orElse(open),
        entry.origin(),
        entry.takenAt(),
        entry.ending().map(Ending::at),
        entry.ending().map(Ending::description).orElse(""),
        versions);
  }

  private static byte[] write(InForce now) {
    JsonObject json = new JsonObject();
    json.addProperty("number", now.number());
    json.addProperty("previous", now.previous());
    json.addProperty("trial", now.trial());
    return json.toString().getBytes(UTF_8);
  }

  private static InForce readInForce(byte[] bytes) {
    JsonObject json = JsonParser.parseString(new String(bytes, UTF_8)).getAsJsonObject();
    return new InForce(
        json.get("number").getAsLong(),
        json.get("previous").getAsLong(),
        json.get("trial").getAsInt());
  }
}
