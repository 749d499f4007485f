package io.gantry.itest.flow.mixed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What arrived at one endpoint. Messages may come more than once; when they come first they have to
 * be in the order of their sender, for each kind: the kinds differ in priority, so they overtake
 * each other.
 */
public final class Arrivals {

  private static final int MOST_PROBLEMS = 20;

  private final String endpoint;
  private final Set<Kind> named;
  private final Function<String, String> device;

  // Guarded by this.
  private final Map<Stream, Seen> streams = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private int count;
  private int duplicates;

  private record Stream(String sender, Kind kind) {}

  private static final class Seen {
    private final BitSet numbers = new BitSet();
    private final NavigableMap<Integer, Long> firstAt = new TreeMap<>();

    OptionalLong firstAfter(int number) {
      Map.Entry<Integer, Long> after = firstAt.higherEntry(number);
      return after == null ? OptionalLong.empty() : OptionalLong.of(after.getValue());
    }
  }

  /**
   * @param endpoint for the text of problems
   * @param named the kinds that the routes name this endpoint for
   * @param device the device that the hub says a sender is
   */
  public Arrivals(String endpoint, Set<Kind> named, Function<String, String> device) {
    this.endpoint = endpoint;
    this.named = Set.copyOf(named);
    this.device = device;
  }

  /** One message came; it is looked at whether it is the one that was sent, and sent here. */
  public synchronized void add(
      String connectionDevice, Map<String, String> properties, String body) {
    try {
      Item item = Item.of(properties, body);
      if (!connectionDevice.equals(device.apply(item.sender()))) {
        problem(item + " came as a message of '" + connectionDevice + "'");
      }
      if (!named.contains(item.kind())) {
        problem(item + ", which is " + item.kind() + ", was not to come here");
      }
      add(item);
    } catch (IllegalArgumentException changed) {
      problem(changed.getMessage());
    }
  }

  private void add(Item item) {
    count++;
    Seen seen = streams.computeIfAbsent(new Stream(item.sender(), item.kind()), none -> new Seen());
    int last = seen.numbers.length() - 1;
    if (seen.numbers.get(item.number())) {
      duplicates++;
      return;
    }
    if (item.number() < last) {
      problem(item + " (" + item.kind() + ") came first after number " + last);
    }
    seen.numbers.set(item.number());
    if (item.kind() == Kind.SHORT) {
      seen.firstAt.put(item.number(), System.nanoTime());
    }
  }

  /** Whether a message need not have come. */
  @FunctionalInterface
  public interface Excuse {

    /** Each message has to come. */
    Excuse NONE = (item, overtaken) -> false;

    /**
     * Whether it may have expired.
     *
     * @param overtaken when a later one of its sender and kind came (nanoTime); empty when none did
     */
    boolean mayMiss(Item item, OptionalLong overtaken);
  }

  /**
   * Looks for what did not come and was to come.
   *
   * @param sent how many messages of this sender were acknowledged
   * @return how many are excused
   */
  public synchronized int close(String sender, int sent, Excuse excuse) {
    int excused = 0;
    for (int number = 0; number < sent; number++) {
      Item item = new Item(sender, number);
      Seen seen = streams.getOrDefault(new Stream(sender, item.kind()), new Seen());
      if (named.contains(item.kind()) && !seen.numbers.get(number)) {
        if (excuse.mayMiss(item, seen.firstAfter(number))) {
          excused++;
        } else {
          problem(item + " (" + item.kind() + ") was acknowledged and did not come");
        }
      }
    }
    for (Map.Entry<Stream, Seen> entry : streams.entrySet()) {
      int last = entry.getValue().numbers.length() - 1;
      if (entry.getKey().sender().equals(sender) && last >= sent) {
        problem("number " + last + " of " + sender + " came, " + sent + " were sent");
      }
    }
    return excused;
  }

  /** Something is not as it was to be. */
  public synchronized void problem(String text) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(endpoint + ": " + text);
    }
  }

  /** All that was not as it was to be. */
  public synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  /** How many came, each time counted. */
  public synchronized int count() {
    return count;
  }

  /** How many had come before. */
  public synchronized int duplicates() {
    return duplicates;
  }

  /** How many came, each once. */
  public synchronized int distinct() {
    return count - duplicates;
  }
}
