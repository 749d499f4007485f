package io.gantry.testkit.store;

import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreStatus;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that keeps the contracts. Appends are durable at once, or when the test says so
 * ({@link #hold}), or refused ({@link #refuse}). It survives whoever uses it, as a disk does: give
 * the same one to the next instance to test a restart.
 */
public final class FakeStore implements QueueStore, LogStore, TableStore {

  private static final int MAX_RECORD = 1 << 20;
  private static final int MAX_NAME = 256;
  private static final int MAX_VALUE = 16 << 20;
  private static final int MAX_KEY = 16 * 1024;
  private static final long MIN_LOG_BYTES = 1 << 20;

  private final Map<String, FakeQueue> queues = new TreeMap<>();
  private final Map<String, FakeLog> logs = new HashMap<>();
  private final Map<String, FakeTable> tables = new HashMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean holding;
  private @Nullable StoreException refusal;
  private int unreadable;
  private long nextOffset;

  /** From now on appends and changes wait for {@link #release}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Makes durable what was held, in order, and holds no longer. */
  public void release() {
    List<Runnable> due;
    synchronized (this) {
      holding = false;
      due = List.copyOf(held);
      held.clear();
    }
    due.forEach(Runnable::run);
  }

  /** Makes durable the first of what is held, and goes on holding. */
  public void releaseNext() {
    Runnable next;
    synchronized (this) {
      next = held.remove(0);
    }
    next.run();
  }

  /** How many appends and changes are held. */
  public synchronized int held() {
    return held.size();
  }

  /** From now on appends and changes fail; null accepts again. */
  public synchronized void refuse(StoreException.@Nullable Kind kind) {
    refusal = kind == null ? null : new StoreException(kind, "refused by the test");
  }

  /** The next so many reads of queues fail. */
  public synchronized void failReads(int failures) {
    unreadable = failures;
  }

  /**
   * What a crash at this moment would leave, as a store of its own: what was not durable is gone,
   * and whoever still uses the present one does no harm.
   */
  public synchronized FakeStore afterCrash() {
    FakeStore left = new FakeStore();
    left.nextOffset = nextOffset;
    queues.forEach(
        (name, queue) -> {
          FakeQueue copy = (FakeQueue) left.queue(name);
          copy.entries.addAll(queue.entries);
          copy.committed = queue.committed;
        });
    logs.forEach(
        (name, log) -> {
          FakeLog copy = (FakeLog) left.log(name, log.maxBytes);
          copy.entries.addAll(log.entries);
          copy.bytes = log.bytes;
          copy.next = log.next;
        });
    tables.forEach((name, table) -> ((FakeTable) left.table(name)).values.putAll(table.values));
    return left;
  }

  private <T extends @Nullable Object> CompletionStage<T> durably(Supplier<T> change) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    synchronized (this) {
      if (refusal != null) {
        stage.completeExceptionally(refusal);
        return stage;
      }
      if (holding) {
        held.add(() -> stage.complete(change.get()));
        return stage;
      }
    }
    stage.complete(change.get());
    return stage;
  }

  @Override
  public CompletionStage<Long> append(byte[] record, QueueTarget... wanted) {
    require(record.length <= MAX_RECORD, "a record of at most 1 MiB");
    require(wanted.length > 0, "at least one queue");
    Map<String, Long> targets = new LinkedHashMap<>();
    for (QueueTarget target : wanted) {
      requireQueueName(target.queue());
      targets.putIfAbsent(target.queue(), target.expiresAt());
    }
    return durably(
        () -> {
          List<FakeQueue> added = new ArrayList<>();
          long offset;
          synchronized (this) {
            offset = nextOffset++;
            for (Map.Entry<String, Long> target : targets.entrySet()) {
              FakeQueue queue = (FakeQueue) queue(target.getKey());
              queue.entries.add(new MessageQueue.Entry(offset, record, target.getValue()));
              if (queue.hungry) {
                queue.hungry = false;
                added.add(queue);
              }
            }
          }
          added.forEach(queue -> tell(queue.listener));
          return offset;
        });
  }

  /** What a listener throws reaches nobody, as with the real store. */
  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException problem) {
      System.getLogger(FakeStore.class.getName()).log(Level.ERROR, "A listener failed", problem);
    }
  }

  private static void require(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("expected " + expected);
    }
  }

  private static void requireQueueName(String name) {
    require(!name.isEmpty() && name.length() <= MAX_NAME, "a queue name of 1 to 256 characters");
  }

  private static void requireName(String name) {
    require(name.matches("[a-z0-9][a-z0-9-]*"), "lower-case letters, digits and dashes");
  }

  @Override
  public synchronized MessageQueue queue(String name) {
    requireQueueName(name);
    return queues.computeIfAbsent(name, FakeQueue::new);
  }

  @Override
  public synchronized Set<String> queues() {
    Set<String> names = new TreeSet<>();
    queues.forEach(
        (name, queue) -> {
          if (queue.committed >= 0 || !queue.entries.isEmpty()) {
            names.add(name);
          }
        });
    return names;
  }

  @Override
  public StoreStatus status() {
    return new StoreStatus(0, Long.MAX_VALUE, 1, nextOffset, 0, List.of(), Optional.empty());
  }

  @Override
  public synchronized RetainedLog log(String name, long maxBytes) {
    requireName(name);
    require(maxBytes >= MIN_LOG_BYTES, "a bound of at least 1 MiB");
    return logs.computeIfAbsent(name, unknown -> new FakeLog(maxBytes));
  }

  @Override
  public synchronized Table table(String name) {
    requireName(name);
    return tables.computeIfAbsent(name, unknown -> new FakeTable());
  }

  private final class FakeQueue implements MessageQueue {

    private final String name;
    private final List<Entry> entries = new ArrayList<>();
    private volatile Runnable listener = () -> {};
    private volatile long committed = -1;

    /** As the real one, it tells of what is added behind a read that came back empty, only. */
    private boolean hungry = true;

    FakeQueue(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public List<Entry> read(long after, int maxEntries, int maxBytes) throws IOException {
      synchronized (FakeStore.this) {
        hungry = false;
        if (unreadable > 0) {
          unreadable--;
          throw new IOException("refused by the test");
        }
        List<Entry> found = new ArrayList<>();
        long from = Math.max(after, committed);
        int bytes = 0;
        for (Entry entry : entries) {
          if (entry.offset() > from && found.size() < maxEntries && bytes < maxBytes) {
            found.add(entry);
            bytes += entry.record().length;
          }
        }
        hungry = found.isEmpty();
        return found;
      }
    }

    @Override
    public void commit(long offset) {
      synchronized (FakeStore.this) {
        committed = Math.max(committed, Math.min(offset, nextOffset - 1));
        entries.removeIf(entry -> entry.offset() <= committed);
      }
    }

    @Override
    public long committed() {
      return committed;
    }

    @Override
    public long pending() {
      synchronized (FakeStore.this) {
        return entries.size();
      }
    }

    @Override
    public long pendingBytes() {
      synchronized (FakeStore.this) {
        return entries.stream().mapToLong(entry -> entry.record().length).sum();
      }
    }

    @Override
    public void onAppend(Runnable newListener) {
      listener = newListener;
    }

    @Override
    public void remove() {
      synchronized (FakeStore.this) {
        queues.remove(name, this);
        entries.clear();
      }
    }
  }

  private final class FakeLog implements RetainedLog {

    private final long maxBytes;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private long bytes;
    private long next;

    FakeLog(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public CompletionStage<Long> append(byte[] record) {
      return durably(
          () -> {
            long offset;
            synchronized (FakeStore.this) {
              offset = next++;
              entries.add(new Entry(offset, record));
              bytes += record.length;
              while (bytes > maxBytes) {
                bytes -= entries.remove(0).record().length;
              }
            }
            listeners.forEach(FakeStore::tell);
            return offset;
          });
    }

    @Override
    public List<Entry> read(long from, int maxEntries) {
      synchronized (FakeStore.this) {
        return entries.stream().filter(e -> e.offset() >= from).limit(maxEntries).toList();
      }
    }

    @Override
    public long first() {
      synchronized (FakeStore.this) {
        return entries.isEmpty() ? next : entries.get(0).offset();
      }
    }

    @Override
    public long next() {
      synchronized (FakeStore.this) {
        return next;
      }
    }

    @Override
    public AutoCloseable onAppend(Runnable listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }
  }

  private final class FakeTable implements Table {

    private final Map<String, byte[]> values = new TreeMap<>();

    @Override
    public Optional<byte[]> get(String key) {
      synchronized (FakeStore.this) {
        return Optional.ofNullable(values.get(key)).map(byte[]::clone);
      }
    }

    @Override
    public Set<String> keys() {
      synchronized (FakeStore.this) {
        return new TreeSet<>(values.keySet());
      }
    }

    @Override
    public CompletionStage<Void> put(String key, byte[] value) {
      require(value.length <= MAX_VALUE, "a value of at most 16 MiB");
      require(key.length() <= MAX_KEY, "a key of at most 16 Ki characters");
      byte[] copy = value.clone();
      return durably(
          () -> {
            synchronized (FakeStore.this) {
              values.put(key, copy);
            }
            return null;
          });
    }

    @Override
    public CompletionStage<Void> remove(String key) {
      return durably(
          () -> {
            synchronized (FakeStore.this) {
              values.remove(key);
            }
            return null;
          });
    }
  }
}
