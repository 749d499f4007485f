package io.gantry.store.writer;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much may be written. The store's own bound is counted; a full disk is noticed by a write that
 * fails, and asked about from time to time until space has returned. A reserve file is given up
 * when the disk is full, so that positions and tables can still be written.
 *
 * <p>Owned by the writer thread; {@link #used} and {@link #problem} are for any thread.
 */
public final class Space {

  private static final Logger LOG = LoggerFactory.getLogger(Space.class);
  private static final int RESERVE = 1 << 20;
  private static final Duration ASK_AGAIN = Duration.ofMillis(250);

  private final Disk disk;
  private final Path folder;
  private final long maxBytes;
  private final InstantSource clock;
  private final AtomicLong used = new AtomicLong();
  private volatile Optional<String> problem = Optional.empty();
  private long askAgainAt;

  public Space(Disk disk, StoreSettings settings, InstantSource clock) {
    this.disk = disk;
    this.folder = settings.directory();
    this.maxBytes = settings.maxBytes();
    this.clock = clock;
  }

  /** Sets space aside for bad times, if there is enough. */
  public void reserve() {
    Path reserve = folder.resolve("reserve");
    try {
      if (disk.usableSpace(folder) < 2L * RESERVE) {
        return;
      }
      try (DiskFile file = disk.open(reserve)) {
        if (file.size() < RESERVE) {
          file.write(0, ByteBuffer.allocate(RESERVE));
          file.sync();
        }
      }
    } catch (IOException noSpace) {
      LOG.warn("Cannot set aside {} bytes in {}; going on without", RESERVE, reserve, noSpace);
    }
  }

  /** Counts files that grew or (negative) were deleted. */
  public void count(long bytes) {
    used.addAndGet(bytes);
  }

  /** Bytes on disk. */
  public long used() {
    return used.get();
  }

  /** The store's bound. */
  public long maxBytes() {
    return maxBytes;
  }

  /** Why new records are refused; empty when they are not. */
  public Optional<String> problem() {
    return problem;
  }

  /** Refuses when a new record of this size would be too much. */
  public void require(int bytes) throws StoreException {
    if (used.get() + bytes > maxBytes) {
      String text =
          "Store full: "
              + used.get()
              + " of "
              + maxBytes
              + " bytes in use; space is freed as receivers catch up";
      report(text);
      throw new StoreException(Kind.FULL, text);
    }
    if (problem.isPresent()) {
      askAgain(bytes);
    }
  }

  private void askAgain(int bytes) throws StoreException {
    long now = clock.millis();
    if (now < askAgainAt && askAgainAt - now <= ASK_AGAIN.toMillis()) {
      throw new StoreException(Kind.FULL, problem.orElse(""));
    }
    askAgainAt = now + ASK_AGAIN.toMillis();
    try {
      if (disk.usableSpace(folder) < bytes + 2L * RESERVE) {
        throw new StoreException(Kind.FULL, problem.orElse(""));
      }
    } catch (StoreException full) {
      throw full;
    } catch (IOException unreadable) {
      throw new StoreException(Kind.BROKEN, "Cannot ask for free space in " + folder, unreadable);
    }
    LOG.info("Space has returned in {}; accepting records again", folder);
    problem = Optional.empty();
    reserve();
  }

  /**
   * Says what kind of obstacle a failed write is, and gives up the reserve when the disk is full.
   */
  public StoreException classify(String attempted, IOException failure) {
    if (failure instanceof StoreException known) {
      return known;
    }
    if (isFull()) {
      String text = "Disk full: " + attempted + " failed; refusing new records until space returns";
      giveUpReserve();
      report(text);
      return new StoreException(Kind.FULL, text, failure);
    }
    return new StoreException(Kind.BROKEN, attempted + " failed: " + failure.getMessage(), failure);
  }

  private boolean isFull() {
    try {
      return disk.usableSpace(folder) < 2L * RESERVE;
    } catch (IOException unreadable) {
      return false;
    }
  }

  private void giveUpReserve() {
    try {
      disk.delete(folder.resolve("reserve"));
    } catch (IOException kept) {
      LOG.warn("Cannot give up the reserve in {}", folder, kept);
    }
  }

  private void report(String text) {
    if (problem.isEmpty()) {
      LOG.error("{}", text);
    }
    problem = Optional.of(text);
    askAgainAt = clock.millis() + ASK_AGAIN.toMillis();
  }
}
