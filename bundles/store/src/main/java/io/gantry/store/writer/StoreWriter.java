package io.gantry.store.writer;

import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.store.writer.Journal.Job;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only thread that writes. Each round takes what waits (up to {@code commitBytes}), writes it,
 * syncs each touched journal once and answers. The sync itself is what forms the groups: while it
 * runs, the next group gathers. Nobody waits for a timer, and a lone record is answered after one
 * sync. Jobs that nobody waits for (positions of readers) are gathered for the commit interval.
 *
 * <p>The thread is never interrupted: an interrupt would close its files.
 */
public final class StoreWriter {

  private enum State {
    RUNNING,
    GATHERING,
    IDLE
  }

  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);
  private static final long CLOSE_MILLIS = 5_000;
  private static final long LOOK_AGAIN_NANOS = 250_000_000L;

  private final StoreSettings settings;
  private final Space space;
  private final Queue<Job> urgent = new ConcurrentLinkedQueue<>();
  private final Queue<Job> lazy = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
  private volatile boolean closing;

  // Owned by the writer thread.
  private final List<Job> batch = new ArrayList<>();
  private final Map<Journal, List<Job>> touched = new LinkedHashMap<>();
  private @Nullable Journal latest;
  private List<Job> ofLatest = List.of();
  private final List<Job> postponed = new ArrayList<>();

  public StoreWriter(StoreSettings settings, Space space, ThreadFactory threads) {
    this.settings = settings;
    this.space = space;
    this.thread = threads.newThread(this::run);
  }

  /** Begins to write. */
  public void start() {
    thread.start();
  }

  /** Writes soon and answers. Any thread. */
  public void submit(Job job) {
    if (closing) {
      job.failed(closed());
      return;
    }
    urgent.add(job);
    State now = state.get();
    if (now != State.RUNNING && state.compareAndSet(now, State.RUNNING)) {
      LockSupport.unpark(thread);
    }
    if (closing && urgent.remove(job)) {
      job.failed(closed());
    }
  }

  /** Writes within the commit interval. Any thread. */
  public void submitLazily(Job job) {
    lazy.add(job);
    if (state.get() == State.IDLE && state.compareAndSet(State.IDLE, State.RUNNING)) {
      LockSupport.unpark(thread);
    }
  }

  /** Tries a failed lazy job again in a moment. Writer thread. */
  public void postpone(Job job) {
    postponed.add(job);
  }

  private static StoreException closed() {
    return new StoreException(Kind.CLOSED, "The store is being closed; nothing was written");
  }

  private void run() {
    while (!closing) {
      if (!work(false) && lazy.isEmpty()) {
        idle();
      }
    }
    answerAll();
    // Positions that could not be saved: one more time, or an older one will be found.
    lazy.addAll(postponed);
    answerAll();
  }

  private void answerAll() {
    while (work(true)) {
      LOG.debug("Closing; writing what still waits");
    }
  }

  /** One round; false when there was nothing to do. */
  private boolean work(boolean last) {
    space.askAgain();
    take(urgent);
    if (!batch.isEmpty() || last || lazyIsDue()) {
      take(lazy);
    }
    if (batch.isEmpty()) {
      return false;
    }
    round();
    return true;
  }

  /** Waits for the commit interval unless something urgent comes; true when it did not. */
  private boolean lazyIsDue() {
    if (lazy.isEmpty()) {
      return false;
    }
    state.set(State.GATHERING);
    if (urgent.isEmpty() && !closing) {
      LockSupport.parkNanos(this, settings.commitInterval().toNanos());
    }
    state.set(State.RUNNING);
    return urgent.isEmpty();
  }

  private void idle() {
    state.set(State.IDLE);
    if (urgent.isEmpty() && lazy.isEmpty() && !closing) {
      if (postponed.isEmpty() && !space.isWaiting()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
      }
    }
    state.set(State.RUNNING);
    lazy.addAll(postponed);
    postponed.clear();
  }

  private void take(Queue<Job> queue) {
    long bytes = 0;
    int limit = settings.sync() == SyncPolicy.EACH ? 1 : settings.commitBytes();
    for (Job job = queue.poll(); job != null; job = queue.poll()) {
      batch.add(job);
      bytes += job.size();
      if (bytes >= limit) {
        return;
      }
    }
  }

  private void round() {
    for (Job job : batch) {
      write(job);
    }
    batch.clear();
    while (!touched.isEmpty()) {
      commit(touched.keySet().iterator().next());
    }
  }

  private void write(Job job) {
    Journal journal = job.journal();
    try {
      job.admit();
    } catch (StoreException | RuntimeException | Error obstacle) {
      StoreException refused = failure("Admitting a record to " + journal.name(), obstacle);
      // Stages are answered in the order of the calls.
      commit(journal);
      answer(journal::refused);
      answer(() -> job.failed(refused));
      return;
    }
    try {
      if (journal.isFull(job.size())) {
        commit(journal);
        journal.roll();
      }
      job.write();
      note(journal, job);
    } catch (IOException | RuntimeException | Error broken) {
      List<Job> earlier = forget(journal);
      List<Job> lost = earlier == null ? new ArrayList<>() : earlier;
      lost.add(job);
      fail(journal, lost, broken);
    }
  }

  /** Jobs mostly come in rows for the same journal. */
  private void note(Journal journal, Job job) {
    if (journal != latest) {
      latest = journal;
      ofLatest = touched.computeIfAbsent(journal, unknown -> new ArrayList<>());
    }
    ofLatest.add(job);
  }

  private @Nullable List<Job> forget(Journal journal) {
    latest = null;
    return touched.remove(journal);
  }

  private void commit(Journal journal) {
    List<Job> jobs = forget(journal);
    if (jobs == null) {
      return;
    }
    try {
      makeDurable(journal);
    } catch (IOException | RuntimeException | Error broken) {
      fail(journal, jobs, broken);
      return;
    }
    done(jobs);
  }

  private void makeDurable(Journal journal) throws IOException {
    journal.flush();
    if (settings.sync() != SyncPolicy.NONE || journal.alwaysSynced()) {
      journal.sync();
    }
    journal.committed();
  }

  private void done(List<Job> jobs) {
    // The disk works: so may what it has refused before, even if there is never a quiet moment.
    lazy.addAll(postponed);
    postponed.clear();
    for (Job job : jobs) {
      try {
        job.done();
      } catch (RuntimeException | Error problem) {
        LOG.error("Whoever was told about a stored record failed", problem);
      }
    }
  }

  private void fail(Journal journal, List<Job> jobs, Throwable broken) {
    StoreException failure = failure("Writing to " + journal.name(), broken);
    answer(() -> journal.rollback(failure));
    List<Job> vital = new ArrayList<>();
    for (Job job : jobs) {
      if (failure.kind() == Kind.FULL && job.isVital()) {
        vital.add(job);
      } else {
        answer(() -> job.failed(failure));
      }
    }
    if (!vital.isEmpty()) {
      useReserve(journal, vital);
    }
  }

  /** The disk is full and the reserve was given up just now: this is what it was meant for. */
  private void useReserve(Journal journal, List<Job> vital) {
    try {
      for (Job job : vital) {
        job.write();
      }
      makeDurable(journal);
    } catch (IOException | RuntimeException | Error broken) {
      StoreException failure = failure("Writing to " + journal.name(), broken);
      answer(() -> journal.rollback(failure));
      vital.forEach(job -> answer(() -> job.failed(failure)));
      return;
    }
    done(vital);
  }

  private StoreException failure(String attempted, Throwable broken) {
    if (broken instanceof IOException io) {
      return space.classify(attempted, io);
    }
    LOG.error("{} failed by a fault of the program", attempted, broken);
    return new StoreException(Kind.BROKEN, attempted + " failed: " + broken, broken);
  }

  /** Answers run code of others; what they throw must not stop the writer. */
  private static void answer(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException | Error problem) {
      LOG.error("Whoever was told about a stored record failed", problem);
    }
  }

  /** Whoever closes us may have been interrupted: what waits must be written all the same. */
  private void join() {
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes and answers what waits, then ends; later jobs fail. Waits at most 5 s.
   *
   * @return whether it has ended: as long as it has not, its files must stay open
   */
  public boolean close() {
    closing = true;
    LockSupport.unpark(thread);
    join();
    if (thread.isAlive()) {
      LOG.warn("The store's writer is still busy after {} ms; not waiting for it", CLOSE_MILLIS);
      return false;
    }
    for (Job job = urgent.poll(); job != null; job = urgent.poll()) {
      job.failed(closed());
    }
    return true;
  }
}
