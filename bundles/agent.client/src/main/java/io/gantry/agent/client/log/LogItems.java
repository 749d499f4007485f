package io.gantry.agent.client.log;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.gantry.agent.client.payload.Arguments;
import io.gantry.agent.client.payload.BadArgumentException;
import io.gantry.agent.client.payload.GuardedPattern;
import io.gantry.agent.client.payload.TimeArgument;
import io.gantry.spi.log.LogQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Which lines of which modules a caller wants. */
public final class LogItems {

  private static final String ALL = "all";
  private static final int MOST_ITEMS = 100;
  private static final int MOST_LEVEL = 7;

  /** What is wanted of modules, all of them where no pattern is given. */
  private record Item(Optional<GuardedPattern> id, LogQuery query) {

    boolean isFor(String module) {
      return id.isEmpty() || id.get().isIn(module);
    }
  }

  private final List<Item> items;

  private LogItems(List<Item> items) {
    this.items = items;
  }

  /** Reads the member {@code items}, which is one or several. */
  public static LogItems of(Arguments arguments, Instant now) throws BadArgumentException {
    Optional<JsonElement> given = arguments.find("items");
    JsonArray several = new JsonArray();
    if (given.isPresent() && given.get() instanceof JsonArray array) {
      several = array;
    } else if (given.isPresent() && given.get() instanceof JsonObject one) {
      several.add(one);
    }
    if (several.isEmpty() || several.size() > MOST_ITEMS) {
      throw new BadArgumentException(
          arguments.place("items")
              + ": expected 1 to "
              + MOST_ITEMS
              + " objects with id and filter, found "
              + (given.isEmpty() ? "none" : several.isEmpty() ? "something else" : several.size()));
    }
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < several.size(); i++) {
      items.add(item(Arguments.of(arguments.place("items[" + i + "]"), several.get(i)), now));
    }
    return new LogItems(items);
  }

  /** All lines of a stretch of time, of all modules. */
  public static LogItems within(Optional<Instant> since, Optional<Instant> until) {
    LogQuery query =
        new LogQuery(since, until, Integer.MAX_VALUE, LogQuery.ALL.level(), LogQuery.ALL.text());
    return new LogItems(List.of(new Item(Optional.empty(), query)));
  }

  private static Item item(Arguments item, Instant now) throws BadArgumentException {
    String id = item.text("id");
    Optional<GuardedPattern> pattern =
        id.equalsIgnoreCase(ALL)
            ? Optional.empty()
            : Optional.of(GuardedPattern.of(item.place("id"), id));
    Optional<JsonElement> filter = item.find("filter");
    return new Item(
        pattern,
        filter.isEmpty()
            ? LogQuery.ALL
            : query(Arguments.of(item.place("filter"), filter.get()), now));
  }

  private static LogQuery query(Arguments filter, Instant now) throws BadArgumentException {
    Optional<Integer> level = filter.findInteger("loglevel", 0, MOST_LEVEL);
    IntPredicate levels = LogQuery.ALL.level();
    if (level.isPresent()) {
      int wanted = level.get();
      levels = found -> found == wanted;
    }
    Optional<String> regex = filter.findText("regex");
    Predicate<String> texts = LogQuery.ALL.text();
    if (regex.isPresent()) {
      texts = GuardedPattern.of(filter.place("regex"), regex.get())::isIn;
    }
    return new LogQuery(
        TimeArgument.find(filter, "since", now),
        TimeArgument.find(filter, "until", now),
        filter.findInteger("tail", 1, Integer.MAX_VALUE).orElse(Integer.MAX_VALUE),
        levels,
        texts);
  }

  /** What is wanted of which of these modules: of each what the first item says that is for it. */
  public SortedMap<String, LogQuery> select(Collection<String> modules) {
    SortedMap<String, LogQuery> selected = new TreeMap<>();
    for (String module : modules) {
      items.stream()
          .filter(item -> item.isFor(module))
          .findFirst()
          .ifPresent(item -> selected.put(module, item.query()));
    }
    return selected;
  }
}
