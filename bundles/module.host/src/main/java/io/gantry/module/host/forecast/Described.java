package io.gantry.module.host.forecast;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

/**
 * A component that offers a service, as its bundle describes it (OSGi Compendium 112.4).
 *
 * @param types the interfaces of the service
 * @param properties of the service, but for those that only a running one has
 * @param needs the services without which it is not there
 */
public record Described(List<String> types, Map<String, Object> properties, List<Need> needs) {

  /**
   * A service that is needed.
   *
   * @param type its interface
   * @param target a filter; blank for any
   */
  public record Need(String type, String target) {}

  public Described {
    types = List.copyOf(types);
    properties = Map.copyOf(properties);
    needs = List.copyOf(needs);
  }

  /** As filters want them. */
  Hashtable<String, Object> serviceProperties() {
    Hashtable<String, Object> all = new Hashtable<>(properties);
    all.put("objectClass", types.toArray(String[]::new));
    return all;
  }

  int ranking() {
    return properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
  }

  /** Collects what a description says. */
  static final class Builder {

    final List<String> types = new ArrayList<>();
    final Hashtable<String, Object> properties = new Hashtable<>();
    final List<Need> needs = new ArrayList<>();

    Described build() {
      return new Described(types, properties, needs);
    }
  }
}
