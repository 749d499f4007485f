package io.gantry.module.host.repository;

import io.gantry.module.host.index.IndexedResource;
import io.gantry.spi.module.RepositoryRegistry.Entry;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the repositories offer now.
 *
 * @param sources those that were asked, in order of preference
 * @param resources all that those offer that could be read
 * @param unreadable why the others could not be read, by address
 */
public record Catalog(
    List<Entry> sources, List<IndexedResource> resources, Map<String, Unread> unreadable) {

  /**
   * A repository that could not be read.
   *
   * @param reason the rest of a sentence about it
   * @param temporary whether it may go well later by itself
   */
  public record Unread(String reason, boolean temporary) {}

  public Catalog {
    sources = List.copyOf(sources);
    resources = List.copyOf(resources);
    unreadable = Map.copyOf(unreadable);
  }

  /** What a single place offers. */
  public static Catalog of(String address, List<IndexedResource> resources) {
    return new Catalog(List.of(new Entry(address, false, true)), resources, Map.of());
  }

  /** The rest, for who has chosen: a download may take long, and what is offered much memory. */
  public Catalog withoutResources() {
    return new Catalog(sources, List.of(), unreadable);
  }

  /** The addresses of those that were asked. */
  public List<String> addresses() {
    return sources.stream().map(Entry::address).toList();
  }

  /** Whether jars from there must be signed. */
  public boolean isSigned(String address) {
    return sources.stream().anyMatch(s -> s.signed() && s.address().equals(address));
  }

  /** Whether more may be found later by itself. */
  public boolean isTemporary() {
    return unreadable.values().stream().anyMatch(Unread::temporary);
  }

  /** What to add to a sentence about something that was not found. */
  public String unread() {
    return unreadable.entrySet().stream()
        .map(e -> "; repository " + e.getKey() + " could not be read: it " + e.getValue().reason())
        .sorted()
        .collect(Collectors.joining());
  }
}
