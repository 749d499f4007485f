package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Folder;
import io.gantry.itest.flow.Wanted.Change;
import io.gantry.itest.flow.deployed.FickleServer;
import io.gantry.itest.flow.deployed.FickleServer.Mood;
import io.gantry.itest.flow.deployed.Repertoire;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process is killed amid deployments, and while it starts after that. Each time it comes back
 * with all of one deployment, the old one or the new one, and the next deployment works. Nothing
 * here depends on when a kill hits; the moments are drawn so that they spread over the whole.
 */
class DeploymentCrashIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MOST_STARTS = 3;
  private static final int TOLD_EVERY = 25;
  private static final int MANY = 100;
  private static final long SHORTEST_SPAN = TimeUnit.MILLISECONDS.toNanos(30);
  private static final String IN_FORCE = "in_force";
  private static final String PENDING = "pending";

  private final int kills = Integer.getInteger("gantry.deployment.kills", 20);
  private final long seed = Long.getLong("gantry.deployment.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Change> bag = new ArrayList<>();
  private final Map<Change, Long> spans = new ConcurrentHashMap<>();
  private final Map<String, Integer> ends = new TreeMap<>();

  @TempDir private Path temp;
  private Distribution distribution;
  private FickleServer server;
  private Seen seen;

  private Wanted now = Wanted.before(Change.UPDATE, "first", random);
  private Optional<Wanted> former = Optional.empty();
  private int deployments;
  private int killed;
  private long startSpan = TimeUnit.SECONDS.toNanos(2);
  private long longestWait;
  private String story = "";

  /** How a deployment that was killed has ended. */
  private enum End {
    OLD,
    NEW,
    PENDING,
    TAKEN_BACK
  }

  /** An attempt at a deployment. */
  private record Attempt(
      Change change,
      Wanted next,
      long before,
      CompletableFuture<Optional<Instance.Answer>> answer) {

    /** What was answered before the kill; 0 when nothing was. */
    int status() {
      return answer.join().map(Instance.Answer::status).orElse(0);
    }

    boolean isMisfit() {
      return change == Change.MISFIT;
    }
  }

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry"));
    Path remote = temp.resolve("remote");
    server = new FickleServer(remote);
    Repertoire.make(distribution.folder().repository(), remote);
    List<String> repositories =
        List.of("$[prop:gantry.home]/repository/index.xml", server.address());
    distribution
        .folder()
        .configure("io.gantry.module.host", "repositories", repositories)
        .configure("io.gantry.module.host", "stallTimeLimitSeconds", 10);
    now.plan().first(distribution.folder());
    seen = new Seen(distribution.folder().data());
    distribution.start();
    // An orderly end leaves an archive of classes, and each of the many starts takes half the time.
    distribution.terminate();
    startAgain();
  }

  @AfterEach
  void end() {
    distribution.close();
    server.close();
  }

  @Test
  void aKilledDeploymentIsTheOldOneOrTheNewOneAndTheNextOneWorks() {
    measure();
    long begin = System.nanoTime();
    for (int told = 0; killed < kills; told = killed / TOLD_EVERY) {
      round();
      if (killed / TOLD_EVERY > told) {
        tell(begin);
      }
    }
    deploy(Wanted.before(Change.UPDATE, tag(), random));
    tell(begin);
    checkCache();
    if (kills >= MANY) {
      for (End end : List.of(End.OLD, End.NEW)) {
        assertTrue(
            ends.keySet().stream().anyMatch(key -> key.endsWith(end.name())), ends::toString);
      }
    }
  }

  /** How long each change takes, so that the kills can be spread over that; one of them if few. */
  private void measure() {
    for (Change change : kills < MANY ? List.of(Change.UPDATE) : List.of(Change.values())) {
      deploy(Wanted.before(change, tag(), random));
      Attempt attempt = begin(change);
      attempt.answer().join();
      goOn(attempt, settle(attempt, false));
    }
  }

  private void tell(long begin) {
    System.out.printf(
        "%d kills amid %d deployments in %d s, seed %d; the longest wait for a settled state was"
            + " %d ms; ends of the killed ones: %s%n",
        killed,
        deployments,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        seed,
        TimeUnit.NANOSECONDS.toMillis(longestWait),
        ends);
  }

  /** Of all that was fetched there is what runs and what can come back. */
  private void checkCache() {
    int most = 2 * 2 * Repertoire.MODULES.size();
    await("a tidy cache", () -> cached().size() <= most, () -> "left in the cache: " + cached());
  }

  private List<Path> cached() {
    return Folder.jars(distribution.folder().data().resolve("cache"));
  }

  private void round() {
    Change change = nextChange();
    deploy(Wanted.before(change, tag(), random));
    Mood mood = mood(change);
    server.be(mood);
    Attempt attempt = begin(change);
    long moment = (long) (part() * span(change));
    long begin = System.nanoTime();
    awaitNanos(begin + moment);
    kill();
    boolean heals = change == Change.UNDO || random.nextInt(3) > 0;
    story =
        change
            + " while the repository is "
            + mood
            + ", killed after "
            + moment / 1_000
            + " us"
            + ", answered "
            + attempt.status()
            + (heals ? ", healed" : "");
    if (change != Change.UNDO && heals) {
      server.be(Mood.GOOD);
    }
    int starts = 1;
    while (killed < kills && starts < MOST_STARTS && random.nextBoolean()) {
      distribution.launch();
      long hit = (long) (random.nextDouble() * startSpan);
      awaitNanos(System.nanoTime() + hit);
      kill();
      story += ", killed again after " + hit / 1_000 + " us of a start";
      starts++;
    }
    startAgain();
    boolean rests = mood != Mood.GOOD && mood != Mood.SLOW && !heals;
    End end = settle(attempt, rests);
    story += ", ended " + end;
    if (Boolean.getBoolean("gantry.deployment.stories")) {
      System.out.println(story);
    }
    check(attempt, end, mood, starts);
    ends.merge(change + " " + end, 1, Integer::sum);
    goOn(attempt, end);
  }

  /** Each change as often as any other. */
  private Change nextChange() {
    if (bag.isEmpty()) {
      bag.addAll(List.of(Change.values()));
      Collections.shuffle(bag, random);
    }
    return bag.remove(0);
  }

  private String tag() {
    return "d" + ++deployments;
  }

  /** Whatever works without the repository is shown to. */
  private Mood mood(Change change) {
    if (change == Change.UNDO) {
      return Mood.FAILING;
    }
    boolean well = random.nextBoolean();
    Mood[] moods = Mood.values();
    return well ? moods[random.nextInt(2)] : moods[2 + random.nextInt(moods.length - 2)];
  }

  private void kill() {
    distribution.kill();
    killed++;
  }

  private void startAgain() {
    long begin = System.nanoTime();
    distribution.start();
    startSpan = System.nanoTime() - begin;
  }

  private static void awaitNanos(long moment) {
    for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Anywhere, and as often near the begin, where the journal is written: the rest takes longer. */
  private double part() {
    double part = random.nextDouble();
    return random.nextBoolean() ? part : part * part * part;
  }

  /** A little more than the change has taken when it was last done to its end. */
  private long span(Change change) {
    return Math.max(SHORTEST_SPAN, spans.getOrDefault(change, spans.get(Change.UPDATE)) * 5 / 4);
  }

  // ---- deploying ---------------------------------------------------------------------------

  /** A deployment that nothing is in the way of. */
  private void deploy(Wanted next) {
    deploy(next, Set.of(200));
  }

  private void deploy(Wanted next, Set<Integer> statuses) {
    server.be(Mood.GOOD);
    Instance.Answer answer = post("/v1/deployments", next.plan().text());
    assertTrue(
        statuses.contains(answer.status()), () -> evidence("the next deployment: " + answer));
    former = Optional.of(now);
    now = next;
    awaitState(now, "the next deployment");
  }

  private Attempt begin(Change change) {
    long before = inForce().number();
    Wanted next = change == Change.UNDO ? former.orElseThrow() : now.after(change, tag(), random);
    String path = change == Change.UNDO ? "/v1/deployments/undo" : "/v1/deployments";
    String body = change == Change.UNDO ? "" : next.plan().text();
    long begin = System.nanoTime();
    return new Attempt(
        change,
        next,
        before,
        CompletableFuture.supplyAsync(
            () -> {
              try {
                Instance.Answer answer = seen.post(path, body);
                spans.put(change, System.nanoTime() - begin);
                return Optional.of(answer);
              } catch (CommandException killed) {
                return Optional.empty();
              }
            }));
  }

  private Instance.Answer post(String path, String body) {
    try {
      return seen.post(path, body);
    } catch (CommandException e) {
      throw new AssertionError(evidence(e.getMessage()), e);
    }
  }

  private Seen.Deployment inForce() {
    return inForce(history());
  }

  private Seen.Deployment inForce(List<Seen.Deployment> history) {
    List<Seen.Deployment> inForce = history.stream().filter(one -> one.is(IN_FORCE)).toList();
    assertEquals(1, inForce.size(), () -> evidence("in force: " + history));
    long pending = history.stream().filter(one -> one.is(PENDING)).count();
    assertTrue(pending <= 1, () -> evidence("pending: " + history));
    return inForce.get(0);
  }

  private List<Seen.Deployment> history() {
    try {
      return seen.history();
    } catch (CommandException e) {
      throw new AssertionError(evidence(e.getMessage()), e);
    }
  }

  private Map<String, String> parts() {
    try {
      return seen.parts();
    } catch (CommandException e) {
      throw new AssertionError(evidence(e.getMessage()), e);
    }
  }

  private void awaitState(Wanted wanted, String what) {
    await(what, () -> parts().equals(wanted.expected()), () -> differences(wanted));
  }

  private String differences(Wanted wanted) {
    return "expected " + wanted.expected() + "\n   found " + parts();
  }

  private void await(String what, BooleanSupplier condition, Supplier<String> found) {
    long begin = System.nanoTime();
    Await.until(what, LIMIT, condition, () -> evidence(found.get()));
    longestWait = Math.max(longestWait, System.nanoTime() - begin);
  }

  private String evidence(String found) {
    return found
        + "\nafter "
        + killed
        + " kills, seed "
        + seed
        + "; last: "
        + story
        + "\n"
        + distribution.everything();
  }

  // ---- after a kill ------------------------------------------------------------------------

  /**
   * Waits until nothing is under way any more.
   *
   * @param rests whether what is pending stays so
   */
  private End settle(Attempt attempt, boolean rests) {
    List<End> end = new ArrayList<>();
    await(
        "a settled state, of one deployment",
        () -> {
          List<Seen.Deployment> history = history();
          boolean pending = history.stream().anyMatch(one -> one.is(PENDING));
          Optional<End> found = end(attempt, inForce(history), pending);
          Wanted wanted = found.filter(End.NEW::equals).isPresent() ? attempt.next() : now;
          if (pending && !rests
              || found.isEmpty()
              || !parts().equals(wanted.expected())
              || !history().equals(history)) {
            return false;
          }
          end.add(found.get());
          return true;
        },
        () ->
            history()
                + "\n     old: "
                + differences(now)
                + "\n     new: "
                + differences(attempt.next()));
    return end.get(0);
  }

  /** Empty as long as it cannot be the last word. */
  private Optional<End> end(Attempt attempt, Seen.Deployment inForce, boolean pending) {
    if (inForce.number() == attempt.before()) {
      return Optional.of(pending ? End.PENDING : End.OLD);
    }
    if (inForce.isRollback()) {
      return Optional.of(End.TAKEN_BACK);
    }
    return attempt.isMisfit() ? Optional.empty() : Optional.of(End.NEW);
  }

  private void check(Attempt attempt, End end, Mood mood, int starts) {
    List<Seen.Deployment> later =
        history().stream().filter(one -> one.number() > attempt.before()).toList();
    int status = attempt.status();
    boolean unmet = mood == Mood.MISSING || mood == Mood.LYING;
    switch (end) {
      case OLD -> {
        assertTrue(status == 0 || status == 424, () -> evidence("lost: " + status));
        assertTrue(
            later.isEmpty() || unmet && later.stream().allMatch(one -> one.is("refused")),
            () -> evidence("lost: " + later));
      }
      case NEW -> {
        assertTrue(status != 424, () -> evidence("was refused, and is in force"));
        assertEquals(1, later.size(), () -> evidence("" + later));
      }
      case PENDING -> {
        assertTrue(status == 0 || status == 202, () -> evidence("was done, and is pending"));
        assertEquals(1, later.size(), () -> evidence("" + later));
      }
      case TAKEN_BACK -> {
        boolean unstable = attempt.change() == Change.TRIAL && starts >= MOST_STARTS;
        assertTrue(attempt.isMisfit() || unstable, () -> evidence("taken back without reason"));
        assertEquals(2, later.size(), () -> evidence("" + later));
        assertTrue(later.get(1).is("rolled_back"), () -> evidence("" + later));
      }
    }
  }

  private void goOn(Attempt attempt, End end) {
    server.be(Mood.GOOD);
    if (end == End.NEW) {
      former = Optional.of(now);
      now = attempt.next();
    } else if (end == End.PENDING) {
      goOnWithPending(attempt);
    }
  }

  /**
   * Tried again, given up, or replaced by another one; the gateway goes on with it meanwhile, and
   * may be quicker.
   */
  private void goOnWithPending(Attempt attempt) {
    int way = attempt.isMisfit() ? 2 : random.nextInt(3);
    if (way == 0) {
      // What was under way then may have begun with a repository that stalled, and is tried again.
      deploy(attempt.next(), Set.of(200, 202));
      assertEquals(attempt.before() + 1, inForce().number(), () -> evidence("a number more"));
    } else if (way == 1) {
      int status = post("/v1/deployments/cancel", "").status();
      if (status == 409) {
        goOn(attempt, settle(attempt, false));
      } else {
        assertEquals(200, status, () -> evidence("cancelling"));
        awaitState(now, "the old state");
      }
    } else {
      // Whether it has been in force just before this one matters for no other.
      deploy(Wanted.before(Change.UPDATE, tag(), random));
    }
  }
}
