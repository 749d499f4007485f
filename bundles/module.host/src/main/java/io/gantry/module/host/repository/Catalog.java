package io.gantry.module.host.repository;

import io.gantry.module.host.index.IndexedResource;
import java.util.List;
import java.util.Map;

/**
 * What the repositories offer now.
 *
 * @param addresses those that were asked, in order of preference
 * @param resources all that those offer that could be read
 * @param unreadable why the others could not be read, by address
 */
public record Catalog(
    List<String> addresses, List<IndexedResource> resources, Map<String, String> unreadable) {

  public Catalog {
    addresses = List.copyOf(addresses);
    resources = List.copyOf(resources);
    unreadable = Map.copyOf(unreadable);
  }
}
