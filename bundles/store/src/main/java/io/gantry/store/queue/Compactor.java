package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreSettings;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes files that nobody needs, and merges full files of which little is still needed, so that a
 * receiver that is away for days holds the space of what waits for it and not that of all others.
 * It looks each time a file is full (and while the store refuses records, each time a position is
 * saved or a record refused), and writes on a thread of its own: senders and receivers do not wait
 * for it.
 *
 * <p>Flash wears: nothing is copied until an eighth of the store's bound is dead weight, nor from
 * files that are still needed for the larger part, as long as there is space. A store that refuses
 * copies whatever an eighth is gained by.
 */
final class Compactor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /**
   * So many small neighbours are merged whatever they hold: each is a file to open and to look at.
   */
  private static final int MANY = 8;

  /** What a merger leaves on the disk for others. */
  private static final long ROOM = 1 << 20;

  private static final long CLOSE_MILLIS = 10_000;

  private final Disk disk;
  private final LogFiles files;
  private final LogReader reader;
  private final Supplier<Collection<StoredQueue>> queues;
  private final Space space;
  private final InstantSource clock;
  private final long segmentBytes;
  private final long tolerated;
  private final Thread thread;
  private volatile boolean due = true;

  /** What it left behind must go before anything else is merged. Owned by the thread. */
  private @Nullable Merger failed;

  /**
   * Once, until there is room: a store that refuses looks with each record. Owned by the thread.
   */
  private boolean toldOfNoRoom;

  private volatile boolean closing;

  Compactor(
      Disk disk,
      LogFiles files,
      LogReader reader,
      StoreSettings settings,
      Supplier<Collection<StoredQueue>> queues,
      Space space,
      InstantSource clock,
      ThreadFactory threads) {
    this.disk = disk;
    this.files = files;
    this.reader = reader;
    this.queues = queues;
    this.space = space;
    this.clock = clock;
    this.segmentBytes = settings.segmentBytes();
    this.tolerated = Math.max(settings.bounds().maxBytes() / 8, segmentBytes);
    this.thread = threads.newThread(this::run);
  }

  void start() {
    thread.start();
  }

  /** There may be something to merge. Any thread; cheap. */
  void wake() {
    due = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closing) {
      if (!due) {
        LockSupport.park(this);
        continue;
      }
      due = false;
      files.trash().empty();
      try {
        while (!closing && merge()) {
          LOG.debug("Looking for more to merge");
        }
      } catch (IOException | RuntimeException | Error failure) {
        LOG.warn("Files were not merged; trying again when the next one is full", failure);
        try {
          discardFailed();
        } catch (IOException again) {
          LOG.warn("What was not merged cannot be removed yet", again);
        }
      }
    }
  }

  private void discardFailed() throws IOException {
    if (failed != null) {
      failed.discard();
      failed = null;
    }
  }

  /** Merges some neighbours; false when there are none that are worth it. */
  private boolean merge() throws IOException {
    discardFailed();
    List<Segment> all = files.segments();
    List<Segment> run = choose(all);
    if (run.isEmpty()) {
      return false;
    }
    long live = run.stream().mapToLong(Segment::live).sum();
    if (disk.usableSpace(run.get(0).path().getParent()) < live + ROOM) {
      if (!toldOfNoRoom) {
        LOG.warn("Files are not merged: the disk has no room for {} bytes", live);
        toldOfNoRoom = true;
      }
      return false;
    }
    toldOfNoRoom = false;
    long following = all.get(all.indexOf(run.get(run.size() - 1)) + 1).firstOffset();
    Merger merger = new Merger(disk, reader, run, following);
    failed = merger;
    Optional<Merger.Merged> merged = merger.run(queues.get(), clock.millis());
    failed = null;
    if (merged.isEmpty()) {
      // All of it will be deleted as a whole.
      return false;
    }
    List<Segment> replaced = files.replace(run, merged.get().segment(), merged.get().indexBytes());
    if (replaced.isEmpty()) {
      files.abandon(merged.get().segment());
      return true;
    }
    long before = run.stream().mapToLong(Segment::readableEnd).sum();
    long after = merged.get().segment().readableEnd();
    LOG.info("Merged {} files of {} bytes into one of {}", run.size(), before, after);
    files.deleteReplaced(replaced);
    // Its sources may have been done with when it was not known yet.
    files.reclaim();
    // Less was dead than it seemed, or is dead but not safely so: no use in trying at once.
    return after <= before / 4 * 3 || run.size() >= MANY;
  }

  /**
   * A full file.
   *
   * @param live about how much of it is needed
   * @param most no more of it is needed
   */
  private record Look(Segment segment, long length, long live, long most) {
    long dead() {
      return length - live;
    }
  }

  /** Neighbours that are worth merging, and what it would free. */
  private record Run(List<Segment> segments, long gain) {}

  /** Those neighbours of which merging frees the most; empty when it is not worth it. */
  private List<Segment> choose(List<Segment> all) {
    boolean scarce = space.used() > space.maxBytes() / 4 * 3;
    List<Look> looks = new ArrayList<>();
    long dead = 0;
    for (Segment segment : all) {
      if (segment.isSealed()) {
        long most = segment.live();
        long live = scarce ? segment.likelyLive() : most;
        Look look = new Look(segment, segment.readableEnd(), live, most);
        looks.add(look);
        dead += look.dead();
      }
    }
    boolean much = dead > tolerated || space.isFull();
    // The first would be taken again and again if it seemed to have more dead weight than it has.
    Run best = new Run(List.of(), -1);
    for (int from = 0; from < looks.size(); from++) {
      Run run = run(looks, from, much, scarce ? 8 : 2);
      best = run.gain() > best.gain() ? run : best;
    }
    return best.segments();
  }

  /** The longest run from one file on that fits into one file, if it is worth it. */
  private Run run(List<Look> looks, int from, boolean much, int share) {
    List<Segment> run = new ArrayList<>();
    long length = 0;
    long live = 0;
    long most = 0;
    for (Look look : looks.subList(from, looks.size())) {
      boolean worth = much && look.dead() * share >= look.length();
      boolean small = look.length() * MANY <= segmentBytes;
      boolean fits = run.isEmpty() || most + look.most() <= segmentBytes;
      if (!worth && !small || !fits) {
        break;
      }
      run.add(look.segment());
      length += look.length();
      live += look.live();
      most += look.most();
    }
    boolean gains = much && live < length && (length - live) * share >= length;
    return gains || run.size() >= MANY ? new Run(run, length - live) : new Run(List.of(), -1);
  }

  /** Waits, for a while, for the end of what is being written; a start removes what is left. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (thread.isAlive()) {
      LOG.warn("Files are still being merged after {} ms; not waiting for it", CLOSE_MILLIS);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
