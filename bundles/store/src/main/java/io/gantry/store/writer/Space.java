package io.gantry.store.writer;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much may be written. What the queues occupy is counted and bounded (logs have bounds of their
 * own: a log that were refused here could not take what would empty the queues); a full disk is
 * noticed by a write that fails, and asked about from time to time until space has returned. A
 * reserve file is given up when the disk is full, so that positions and tables can still be
 * written; new messages are refused until there is space for the reserve again.
 *
 * <p>Owned by the writer thread; {@link #used}, {@link #count} and {@link #problem} are for any.
 */
public final class Space {

  private static final Logger LOG = LoggerFactory.getLogger(Space.class);
  private static final int RESERVE = 1 << 20;
  private static final long COMFORT = 3L * RESERVE;
  private static final long ASK_AGAIN_MILLIS = 250;

  private final Disk disk;
  private final Path folder;
  private final Path reserve;
  private final StoreBounds bounds;
  private final InstantSource clock;
  private final AtomicLong used = new AtomicLong();
  private volatile @Nullable String diskProblem;

  /** What the record had that was refused last, if none was taken since. */
  private volatile long refused;

  private volatile boolean told;
  private long askAgainAt;

  public Space(Disk disk, StoreSettings settings, InstantSource clock) {
    this.disk = disk;
    this.folder = settings.directory();
    this.reserve = folder.resolve("reserve");
    this.bounds = settings.bounds();
    this.clock = clock;
  }

  /** Sets space aside for bad times, if there is enough. */
  public void reserve() {
    try {
      if (disk.usableSpace(folder) < COMFORT) {
        LOG.warn("No space in {} to set {} bytes aside for a full disk", folder, RESERVE);
        return;
      }
      try (DiskFile file = disk.open(reserve)) {
        if (file.size() < RESERVE) {
          file.write(0, ByteBuffer.allocate(RESERVE));
          file.sync();
        }
      }
      disk.syncFolder(folder);
    } catch (IOException noSpace) {
      LOG.warn("Cannot set aside {} bytes in {}; going on without", RESERVE, reserve, noSpace);
    }
  }

  /** Counts files that grew or (negative) were deleted. */
  public void count(long bytes) {
    if (used.addAndGet(bytes) < bounds.maxBytes() && bytes < 0 && told) {
      LOG.info("{} bytes were freed in {}; accepting records again", -bytes, folder);
      told = false;
    }
  }

  /** Bytes on disk. */
  public long used() {
    return used.get();
  }

  /** The store's bound. */
  public long maxBytes() {
    return bounds.maxBytes();
  }

  /** Why new records are refused; empty when they are not. */
  public Optional<String> problem() {
    String full = diskProblem;
    return Optional.ofNullable(full != null ? full : isFull() ? limitReached() : null);
  }

  /** Whether the bound keeps a record out, even if nobody tries again. */
  public boolean isFull() {
    long wanted = refused;
    return wanted > 0 && !isRoomFor(wanted);
  }

  private boolean isRoomFor(long bytes) {
    return used.get() + bytes <= bounds.maxBytes();
  }

  /** What operators should know before records are refused; empty when all is well. */
  public Optional<String> warning() {
    long now = used.get();
    return !isFull() && bounds.isMuch(now, bounds.maxBytes())
        ? Optional.of("Store fills: " + now + " of " + bounds.maxBytes() + " bytes in use")
        : Optional.empty();
  }

  /**
   * Refuses when so many bytes more would be too much.
   *
   * @param uncommitted what will be counted before them
   */
  public void require(long uncommitted, long bytes) throws StoreException {
    if (!isRoomFor(uncommitted + bytes)) {
      refused = bytes;
      String text = limitReached();
      if (!told) {
        LOG.error("{}", text);
        told = true;
      }
      throw new StoreException(Kind.FULL, text);
    }
    refused = 0;
    requireDisk();
  }

  /** Refuses while the disk is full, for records that are bounded by something else. */
  public void requireDisk() throws StoreException {
    askAgain();
    String full = diskProblem;
    if (full != null) {
      throw new StoreException(Kind.FULL, full);
    }
  }

  private String limitReached() {
    return "Store full: "
        + used.get()
        + " of "
        + bounds.maxBytes()
        + " bytes in use, "
        + refused
        + " more are refused; space is freed as receivers catch up";
  }

  /** Whether somebody should call {@link #askAgain} now and then. */
  boolean isWaiting() {
    return diskProblem != null;
  }

  /** Looks whether space has returned, if the disk was full, and not too often. */
  void askAgain() {
    if (diskProblem == null) {
      return;
    }
    long now = clock.millis();
    boolean tooEarly = now < askAgainAt && askAgainAt - now <= ASK_AGAIN_MILLIS;
    if (tooEarly) {
      return;
    }
    askAgainAt = now + ASK_AGAIN_MILLIS;
    try {
      if (disk.usableSpace(folder) >= COMFORT) {
        LOG.info("Space has returned in {}; accepting records again", folder);
        diskProblem = null;
        reserve();
      }
    } catch (IOException unreadable) {
      LOG.warn("Cannot ask for free space in {}", folder, unreadable);
    }
  }

  /**
   * Says what kind of obstacle a failed write is, and gives up the reserve when the disk is full.
   */
  StoreException classify(String attempted, IOException failure) {
    if (failure instanceof StoreException known) {
      return known;
    }
    if (!isFull(failure)) {
      return new StoreException(Kind.BROKEN, attempted + " failed: " + failure, failure);
    }
    String text =
        "Disk full: "
            + attempted
            + " in "
            + folder
            + " failed; new records are refused until space returns";
    if (diskProblem == null) {
      LOG.error("{}", text);
    }
    diskProblem = text;
    askAgainAt = clock.millis() + ASK_AGAIN_MILLIS;
    giveUpReserve();
    return new StoreException(Kind.FULL, text, failure);
  }

  private boolean isFull(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("No space left") || message.contains("quota")) {
      return true;
    }
    try {
      return disk.usableSpace(folder) == 0;
    } catch (IOException unreadable) {
      return false;
    }
  }

  private void giveUpReserve() {
    try {
      disk.delete(reserve);
      disk.syncFolder(folder);
    } catch (IOException kept) {
      LOG.warn("Cannot give up the reserve in {}", folder, kept);
    }
  }
}
