package io.gantry.mqtt.broker;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.MessageQueue;
import io.netty.handler.codec.mqtt.MqttMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for a persistent session with QoS 1 or 2: a queue of the store, of which memory holds
 * the places and sizes, and of the bodies only those that come next. A message that arrives while
 * everything before it has been taken goes on without being read again.
 *
 * <p>The packet id is made of the place in the store, so that a message has the same id on every
 * connection and after a crash: a client that has seen it with QoS 2 can tell, and a new message
 * never comes under the id of one that the client still holds (MQTT 3.1.1, 4.4).
 *
 * <p>Used on the event loop only. Reads and commits run on the reader, which may wait for the disk.
 */
final class Outbox extends Holder {

  /** The connection of the session. */
  interface Link {
    boolean isUnwritable();

    /** Whether somebody else uses this packet id on the connection. */
    boolean isTaken(int packetId);

    void send(MqttMessage packet);

    /** Messages begin to wait: the client's acknowledgements are needed. */
    void behind();

    void close(String reason);
  }

  /** With which QoS a session gets a message. */
  interface Granted {
    int qos(String topic, int published);
  }

  /** Most messages that were sent and are not done with everything before them. */
  static final int WINDOW = 32;

  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final int AHEAD = 64;
  private static final int AHEAD_BYTES = 256 * 1024;
  private static final int LOAD_MESSAGES = 256;
  private static final int LOAD_BYTES = 1 << 20;
  private static final int PACKET_IDS = 65_535;

  /** One message; its body is here only between the reading and the sending. */
  private static final class Item {

    private final long offset;
    private final int bytes;
    private @Nullable StoredMessage message;
    private boolean sent;
    private boolean received;
    private boolean done;

    private Item(long offset, int bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }

    private int packetId() {
      return (int) (offset % PACKET_IDS) + 1;
    }
  }

  private final String clientId;
  private final MessageQueue queue;
  private final Executor loop;
  private final Executor reader;
  private final Limits.Backlog limits;
  private final Granted granted;
  private final Drops drops;
  private final AtomicBoolean committing = new AtomicBoolean();
  private volatile long done;
  private boolean removed;

  // What waits, in the order of the store: sent, read, not read.
  private final Deque<Item> flight = new ArrayDeque<>();
  private final Deque<Item> ready = new ArrayDeque<>();
  private final Deque<Item> stored = new ArrayDeque<>();
  private long last;
  private int messages;
  private long bytes;

  // What the store has been asked to add.
  private int announced;
  private long announcedBytes;

  // What was there before this process, until it is known.
  private boolean loaded;
  private boolean loading;
  private final List<Item> early = new ArrayList<>();

  // The present connection.
  private @Nullable Link link;
  private final Map<Integer, Item> sent = new HashMap<>();
  private int generation;
  private int paused;
  private boolean reading;
  private long taken;
  private long readyBytes;

  Outbox(
      String clientId,
      MessageQueue queue,
      boolean mayHoldMessages,
      Executor loop,
      Executor reader,
      Limits.Backlog limits,
      Granted granted,
      Drops drops) {
    this.clientId = clientId;
    this.queue = queue;
    this.loop = loop;
    this.reader = reader;
    this.limits = limits;
    this.granted = granted;
    this.drops = drops;
    done = queue.committed();
    taken = done;
    last = done;
    loaded = !mayHoldMessages;
    load();
  }

  String queueName() {
    return queue.name();
  }

  /** Whether something waits. */
  boolean isEmpty() {
    return messages == 0;
  }

  int size() {
    return messages;
  }

  // --- what is there from before

  private void load() {
    if (loaded || loading) {
      return;
    }
    loading = true;
    reader.execute(
        () -> {
          List<Item> found = new ArrayList<>();
          try {
            readAll(found);
            loop.execute(() -> loaded(found));
          } catch (IOException problem) {
            loop.execute(() -> notLoaded(problem));
          }
        });
  }

  private void readAll(List<Item> found) throws IOException {
    long after = queue.committed();
    List<MessageQueue.Entry> entries = queue.read(after, LOAD_MESSAGES, LOAD_BYTES);
    while (!entries.isEmpty()) {
      for (MessageQueue.Entry entry : entries) {
        found.add(new Item(entry.offset(), size(entry.record().length)));
        after = entry.offset();
      }
      entries = queue.read(after, LOAD_MESSAGES, LOAD_BYTES);
    }
  }

  private void loaded(List<Item> found) {
    if (removed) {
      return;
    }
    loading = false;
    loaded = true;
    for (Item item : found) {
      // Any of the first ones may have been sent before; nobody knows any more.
      item.sent = stored.size() < WINDOW;
      add(item);
      messages++;
      bytes += item.bytes;
    }
    for (Item item : early) {
      if (item.offset > last) {
        add(item);
      } else {
        count(item, -1);
      }
    }
    early.clear();
    if (link == null) {
      forgetOldest();
    } else if (messages > 0) {
      link.behind();
    }
    pump();
  }

  private void notLoaded(IOException problem) {
    loading = false;
    fail("cannot be read", problem);
  }

  private void fail(String what, Exception problem) {
    LOG.error("session '{}': its queue {}; tried again when it connects", clientId, what, problem);
    if (link != null) {
      link.close("its session " + what + ": " + problem.getMessage());
    }
  }

  private void add(Item item) {
    stored.add(item);
    last = item.offset;
  }

  private int size(int length) {
    return length + limits.overhead();
  }

  private void count(Item item, int sign) {
    messages += sign;
    bytes += (long) sign * item.bytes;
  }

  // --- what comes

  /** The store was asked to add a message. */
  void announced(int length, @Nullable Publisher publisher) {
    messages++;
    bytes += size(length);
    announced++;
    announcedBytes += size(length);
    if (link == null) {
      return;
    }
    if (messages == 1) {
      link.behind();
    }
    if (isFull()) {
      hold(publisher);
    }
  }

  /** The store has added it. */
  void arrived(long offset, int length, StoredMessage message) {
    announced--;
    announcedBytes -= size(length);
    if (removed) {
      return;
    }
    Item item = new Item(offset, size(length));
    if (!loaded) {
      early.add(item);
      return;
    }
    if (offset <= last) {
      count(item, -1);
      return;
    }
    if (link != null && stored.isEmpty() && hasRoomAhead()) {
      last = offset;
      prepare(item, message);
    } else {
      add(item);
    }
    if (link == null) {
      forgetOldest();
    }
    pump();
  }

  /** The store has refused it. */
  void refused(int length) {
    announced--;
    announcedBytes -= size(length);
    messages--;
    bytes -= size(length);
    releaseIfRoom();
  }

  private boolean hasRoomAhead() {
    return !reading && ready.size() < AHEAD && readyBytes < AHEAD_BYTES;
  }

  private void prepare(Item item, StoredMessage message) {
    item.message = message;
    readyBytes += item.bytes;
    taken = item.offset;
    ready.add(item);
  }

  // --- a connection comes and goes

  /** The client is connected and has been told so. */
  void online(Link newLink) {
    rewind();
    link = newLink;
    if (messages > 0) {
      newLink.behind();
    }
    load();
    pump();
  }

  /** The client is gone. */
  void offline() {
    rewind();
    link = null;
    forgetOldest();
    release();
  }

  /** Everything that is not done is to be read and sent again. */
  private void rewind() {
    generation++;
    reading = false;
    paused = 0;
    sent.clear();
    ready.descendingIterator().forEachRemaining(stored::addFirst);
    flight.descendingIterator().forEachRemaining(stored::addFirst);
    ready.forEach(item -> item.message = null);
    ready.clear();
    flight.clear();
    readyBytes = 0;
    taken = done;
  }

  /** While nobody is connected the newest are kept. */
  private void forgetOldest() {
    boolean forgotten = false;
    while (!stored.isEmpty() && isTooMuch()) {
      Item oldest = stored.remove();
      count(oldest, -1);
      done = oldest.offset;
      forgotten = true;
      if (!oldest.done) {
        drops.dropped(
            DropReason.QUEUE_FULL,
            clientId,
            "session without a connection; oldest message forgotten");
      }
    }
    if (forgotten) {
      taken = done;
      commit();
    }
  }

  private boolean isTooMuch() {
    int here = messages - announced;
    return here > limits.messages() || bytes - announcedBytes > limits.bytes() && here > 1;
  }

  /** Nothing is sent until {@link #resume}. */
  void pause() {
    paused++;
  }

  /** Ends a pause of this connection. */
  void resume() {
    if (paused > 0) {
      paused--;
    }
    pump();
  }

  // --- sending

  /** Sends what may be sent. */
  void pump() {
    Link to = link;
    if (to == null || paused > 0) {
      return;
    }
    while (!ready.isEmpty() && flight.size() < WINDOW && !to.isUnwritable()) {
      int id = ready.element().packetId();
      if (sent.containsKey(id) || to.isTaken(id)) {
        break;
      }
      Item next = ready.remove();
      readyBytes -= next.bytes;
      flight.add(next);
      send(to, next, id);
    }
    settle();
    readOn();
  }

  private void send(Link to, Item item, int id) {
    StoredMessage message = item.message;
    item.message = null;
    if (item.done || message == null) {
      item.done = true;
      return;
    }
    sent.put(id, item);
    if (item.received) {
      to.send(Packets.release(id));
      return;
    }
    int qos = granted.qos(message.topic(), message.qos());
    to.send(Packets.stored(message, qos, id, item.sent));
    item.sent = true;
  }

  /** The client is done with a message; false when the id is not one of ours. */
  boolean acknowledged(int packetId) {
    Item item = sent.remove(packetId);
    if (item == null) {
      return false;
    }
    item.done = true;
    pump();
    return true;
  }

  /** The client has a message of QoS 2; false when the id is not one of ours. */
  boolean received(int packetId) {
    Item item = sent.get(packetId);
    if (item == null || link == null) {
      return false;
    }
    item.received = true;
    link.send(Packets.release(packetId));
    return true;
  }

  boolean isSending(int packetId) {
    return sent.containsKey(packetId);
  }

  /** Moves the position over what is done at the head. */
  private void settle() {
    boolean moved = false;
    while (!flight.isEmpty() && flight.element().done) {
      Item first = flight.remove();
      count(first, -1);
      done = first.offset;
      moved = true;
    }
    if (moved) {
      commit();
    }
    releaseIfRoom();
  }

  private void commit() {
    if (committing.compareAndSet(false, true)) {
      reader.execute(
          () -> {
            committing.set(false);
            queue.commit(done);
          });
    }
  }

  // --- reading

  private void readOn() {
    if (reading || stored.isEmpty() || ready.size() >= AHEAD / 2 || readyBytes >= AHEAD_BYTES / 2) {
      return;
    }
    reading = true;
    int asked = generation;
    long after = taken;
    long until = last;
    reader.execute(
        () -> {
          try {
            List<MessageQueue.Entry> entries = queue.read(after, AHEAD, AHEAD_BYTES);
            loop.execute(() -> read(asked, until, entries));
          } catch (IOException problem) {
            loop.execute(() -> notRead(asked, problem));
          }
        });
  }

  private void notRead(int asked, IOException problem) {
    if (asked == generation) {
      fail("cannot be read", problem);
    }
  }

  private void read(int asked, long until, List<MessageQueue.Entry> entries) {
    if (asked != generation || removed) {
      return;
    }
    reading = false;
    for (MessageQueue.Entry entry : entries) {
      loseBefore(entry.offset());
      if (stored.isEmpty()) {
        break;
      }
      if (stored.element().offset == entry.offset()) {
        take(stored.remove(), entry.record());
      }
    }
    if (entries.isEmpty()) {
      loseBefore(until + 1);
    }
    pump();
  }

  private void take(Item item, byte[] record) {
    try {
      prepare(item, StoredMessage.of(record));
    } catch (IllegalArgumentException unreadable) {
      LOG.error("session '{}': a message is left out", clientId, unreadable);
      drops.dropped(DropReason.CORRUPT, clientId, "stored message cannot be read");
      item.done = true;
      taken = item.offset;
      ready.add(item);
      readyBytes += item.bytes;
    }
  }

  /** What the store has dropped meanwhile, because it was full or damaged. */
  private void loseBefore(long offset) {
    for (Iterator<Item> items = stored.iterator(); items.hasNext(); ) {
      Item item = items.next();
      if (item.offset >= offset) {
        return;
      }
      items.remove();
      count(item, -1);
      taken = item.offset;
    }
  }

  // --- publishers

  private boolean isFull() {
    return messages >= limits.messages() || bytes >= limits.bytes();
  }

  private void releaseIfRoom() {
    if (messages <= limits.messages() / 2 && bytes <= limits.bytes() / 2) {
      release();
    }
  }

  /** The session has ended: nothing of it is kept. */
  void remove() {
    removed = true;
    rewind();
    link = null;
    stored.clear();
    early.clear();
    release();
    queue.remove();
  }
}
