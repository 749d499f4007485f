package io.gantry.itest.framework.forecast;

import io.gantry.spi.module.ModuleLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.AllServiceListener;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.SynchronousBundleListener;

/** Sees what a deployment does to modules, by what the framework says of bundles and services. */
final class Witness implements SynchronousBundleListener, AllServiceListener {

  private record Event(Bundle bundle, int type) {

    @Override
    public String toString() {
      String what =
          switch (type) {
            case BundleEvent.STARTED -> "started";
            case BundleEvent.STOPPING -> "stopping";
            case BundleEvent.STOPPED -> "stopped";
            case BundleEvent.UNINSTALLED -> "uninstalled";
            case BundleEvent.INSTALLED -> "installed";
            case BundleEvent.RESOLVED -> "resolved";
            default -> "event " + type;
          };
      return bundle.getLocation().replaceAll("(shared/.{6}).*", "$1")
          + " ("
          + bundle.getSymbolicName()
          + " "
          + bundle.getVersion()
          + ") "
          + what;
    }
  }

  private final BundleContext context;
  private final Path cache;
  private final SortedMap<String, Seen> before;
  private final Set<String> cached;
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Queue<Long> ended = new ConcurrentLinkedQueue<>();
  private SortedMap<String, Seen> after = new TreeMap<>();

  private Witness(BundleContext context, Path cache) {
    this.context = context;
    this.cache = cache;
    before = Seen.modules(context);
    cached = jars();
  }

  static Witness begin(BundleContext context, Path cache) {
    Witness witness = new Witness(context, cache);
    context.addBundleListener(witness);
    context.addServiceListener(witness);
    return witness;
  }

  /** Whatever happens from now on is not the deployment's doing. */
  void end() {
    context.removeServiceListener(this);
    context.removeBundleListener(this);
    after = Seen.modules(context);
  }

  @Override
  public void bundleChanged(BundleEvent event) {
    Bundle bundle = event.getBundle();
    if (ModuleLocation.parse(bundle.getLocation()).isPresent() || Seen.isShared(bundle)) {
      events.add(new Event(bundle, event.getType()));
    }
  }

  @Override
  public void serviceChanged(ServiceEvent event) {
    if (event.getType() == ServiceEvent.UNREGISTERING) {
      ended.add((Long) event.getServiceReference().getProperty(Constants.SERVICE_ID));
    }
  }

  private Set<String> jars() {
    try (Stream<Path> files = Files.list(cache)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .map(name -> name.substring(0, name.length() - ".jar".length()))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What was brought into the cache, by name.
   *
   * @param names of jars, by digest
   */
  SortedSet<String> fetched(Map<String, String> names) {
    Set<String> fetched = jars();
    fetched.removeAll(cached);
    return fetched.stream().map(names::get).collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether no bundle of a module was touched at all. */
  boolean nothingHappened() {
    return events.isEmpty() && ended.isEmpty();
  }

  /** The modules whose bundles anything happened to. */
  SortedSet<String> touched() {
    return events.stream()
        .map(event -> ModuleLocation.parse(event.bundle().getLocation()))
        .flatMap(Optional::stream)
        .map(ModuleLocation::module)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What became of each module: a word, as {@code swap}. */
  SortedMap<String, String> changes() {
    SortedMap<String, String> changes = new TreeMap<>();
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    names.forEach(name -> changes.put(name, change(name)));
    return changes;
  }

  private String change(String name) {
    if (!before.containsKey(name)) {
      return "add";
    }
    if (!after.containsKey(name)) {
      return "remove";
    }
    Seen old = before.get(name);
    Seen now = after.get(name);
    if (!old.isSameAs(now)) {
      int begun = index(now.bundle(), BundleEvent.STARTED);
      int left = index(old.bundle(), BundleEvent.STOPPING);
      return begun >= 0 && left >= 0 && begun < left ? "swap" : "replace";
    }
    boolean stopped = index(old.bundle(), BundleEvent.STOPPING) >= 0;
    boolean started = index(old.bundle(), BundleEvent.STARTED) >= 0;
    if (stopped) {
      return started ? "restarted" : "stop";
    }
    return started ? "start" : "none";
  }

  private int index(Bundle bundle, int type) {
    return List.copyOf(events).indexOf(new Event(bundle, type));
  }

  /** Which modules, other than those that changed themselves, noticed what. */
  SortedSet<String> disturbed() {
    SortedSet<String> disturbed = new TreeSet<>();
    changes()
        .forEach(
            (name, change) -> {
              if (change.equals("restarted") || change.equals("none") && isShaken(name)) {
                disturbed.add("RESTARTED " + name);
              } else if (change.equals("none") && hasLost(name)) {
                disturbed.add("REBOUND " + name);
              }
            });
    return disturbed;
  }

  private boolean isShaken(String name) {
    return before.get(name).all().stream()
        .anyMatch(bundle -> index(bundle, BundleEvent.STOPPING) >= 0);
  }

  /** The events are the witness, and what is used afterwards must agree. */
  private boolean hasLost(String name) {
    Set<Long> lost = new TreeSet<>(before.get(name).services());
    lost.removeAll(after.get(name).services());
    Set<Long> gone = new TreeSet<>(before.get(name).services());
    gone.retainAll(Set.copyOf(ended));
    if (!lost.equals(gone)) {
      throw new AssertionError(
          "module " + name + " uses " + lost + " no more, but there ended " + gone + "\n" + this);
    }
    return !gone.isEmpty();
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    before.forEach((name, module) -> lines.add("before: " + name + " " + module));
    after.forEach((name, module) -> lines.add("after: " + name + " " + module));
    events.forEach(event -> lines.add(event.toString()));
    lines.add("services that ended: " + ended);
    return String.join("\n", lines);
  }
}
