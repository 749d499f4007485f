package io.gantry.module.host.dropin;

import io.gantry.module.host.index.IndexedResource;
import io.gantry.module.host.index.JarFolder;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder into which somebody drops jars. Each is looked at when it comes or changes, and counts
 * once it is whole; what counted before goes on counting while its file is being replaced. The
 * operating system says when something happens; a slow round finds what it did not say.
 *
 * <p>A jar is read on the serial executor that owns all of this; readers see what was last found.
 */
public final class DropInFolder implements DropIns, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DropInFolder.class);
  private static final Duration ROUND = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofMillis(200);
  private static final int MAX_NAME = 128;

  private record State(List<ModuleSpec> modules, Map<String, String> problems) {}

  private final Path folder;
  private final Scheduler scheduler;
  private final Threads threads;
  private final SerialExecutor owner;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile State state = new State(List.of(), Map.of());
  private volatile boolean closed;

  // of the owner
  private final Map<String, Look> looks = new TreeMap<>();
  private final Map<String, Look.Bundle> counting = new TreeMap<>();
  private final Map<String, Integer> missed = new HashMap<>();
  private boolean soon;
  private boolean unreadable;
  private volatile FolderWatch watch;

  /** Looks before the owner has anything to do, so that nobody takes the folder for empty. */
  private DropInFolder(Path folder, Scheduler scheduler, Threads threads) {
    this.folder = folder;
    this.scheduler = scheduler;
    this.threads = threads;
    this.owner = threads.serial("drop-ins");
    look(false);
    this.watch = watch();
    enqueue(this::round);
  }

  /** Creates the folder when it is missing, and looks at what lies there before it returns. */
  public static DropInFolder open(Path folder, Scheduler scheduler, Threads threads)
      throws IOException {
    if (!folder.isAbsolute()) {
      throw new IllegalArgumentException(
          "io.gantry.module.host: dropIns: expected an absolute path, found '" + folder + "'");
    }
    Files.createDirectories(folder);
    return new DropInFolder(folder.normalize(), scheduler, threads);
  }

  @Override
  public List<ModuleSpec> modules() {
    return state.modules();
  }

  @Override
  public Map<String, String> problems() {
    return state.problems();
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    listeners.add(changed);
    return () -> listeners.remove(changed);
  }

  private FolderWatch watch() {
    return FolderWatch.open(folder, threads, () -> enqueue(() -> look(false)));
  }

  /** Whatever happens in a round, there will be another one. */
  private void round() {
    try {
      if (watch.isOutdated(folder)) {
        watch.close();
        watch = watch();
      }
      look(false);
    } finally {
      scheduler.schedule(watch.isOpen() ? ROUND : SOON, () -> enqueue(this::round));
    }
  }

  private void soon() {
    if (!soon) {
      soon = true;
      scheduler.schedule(
          SOON,
          () ->
              enqueue(
                  () -> {
                    soon = false;
                    look(true);
                  }));
    }
  }

  private void look(boolean later) {
    try {
      Map<String, Path> files = files();
      forgetWhatHasGone(files.keySet(), later);
      for (Map.Entry<String, Path> file : files.entrySet()) {
        look(file.getKey(), file.getValue());
      }
      publish();
      unreadable = false;
    } catch (IOException e) {
      if (!unreadable) {
        LOG.warn("drop-ins: {} cannot be read, and all stays as it is: {}", folder, e.toString());
      }
      unreadable = true;
    }
  }

  /** Many replace a file by deleting it and writing another one: it is missed a little later. */
  private void forgetWhatHasGone(Set<String> there, boolean later) {
    missed.keySet().removeAll(there);
    for (String name : Set.copyOf(looks.keySet())) {
      if (!there.contains(name)) {
        int waited = missed.getOrDefault(name, 0) + (later ? 1 : 0);
        if (waited < 2) {
          missed.put(name, waited);
          soon();
        } else {
          missed.remove(name);
          looks.remove(name);
          counting.remove(name);
        }
      }
    }
  }

  private Map<String, Path> files() throws IOException {
    Map<String, Path> files = new TreeMap<>();
    for (Path file : JarFolder.jars(folder)) {
      if (Files.isRegularFile(file)) {
        files.put(file.getFileName().toString(), file);
      }
    }
    return files;
  }

  /** A file that looks as it did is not read again; what is broken is read once more before. */
  private void look(String name, Path file) throws IOException {
    try {
      Optional<Look> before = Optional.ofNullable(looks.get(name));
      boolean same = before.flatMap(Look::seen).filter(Look.Shape.of(file)::equals).isPresent();
      if (same && !(before.get() instanceof Look.Fresh)) {
        return;
      }
      Look now = Look.at(folder.toString(), file);
      boolean fresh = now instanceof Look.Problem && !same;
      looks.put(name, fresh ? new Look.Fresh((Look.Problem) now) : now);
      if (now instanceof Look.Bundle bundle) {
        counting.put(name, bundle);
      } else if (fresh || now instanceof Look.Growing) {
        soon();
      }
    } catch (NoSuchFileException e) {
      soon();
    }
  }

  // ---- what counts -------------------------------------------------------------------------

  private void publish() {
    Map<String, ModuleSpec> modules = new TreeMap<>();
    Map<String, String> files = new TreeMap<>();
    Map<String, String> problems = new TreeMap<>();
    looks.forEach(
        (file, look) -> {
          if (look instanceof Look.Problem problem) {
            problems.put(file, "is no bundle that could run: " + problem.text());
          }
        });
    for (Map.Entry<String, Look.Bundle> entry : inOrder()) {
      String file = entry.getKey();
      IndexedResource bundle = entry.getValue().resource();
      String name = moduleName(bundle.symbolicName());
      if (!bundle.isBundle()) {
        problems.put(file, "is a part of another bundle (a fragment) and cannot run by itself");
      } else if (name.length() > MAX_NAME) {
        problems.put(file, "has a symbolic name that is too long for the name of a module");
      } else if (modules.containsKey(name)) {
        problems.put(
            file, "would be the module " + name + ", which " + files.get(name) + " is already");
      } else {
        modules.put(name, spec(name, entry.getValue()));
        files.put(name, file);
      }
    }
    State next = new State(List.copyOf(modules.values()), Map.copyOf(problems));
    if (!next.equals(state)) {
      tell(next);
    }
  }

  /** What counts now is asked first, so that a second jar of a name does not push it out. */
  private List<Map.Entry<String, Look.Bundle>> inOrder() {
    List<ModuleSpec> now = state.modules();
    List<Map.Entry<String, Look.Bundle>> first = new ArrayList<>();
    List<Map.Entry<String, Look.Bundle>> then = new ArrayList<>();
    for (Map.Entry<String, Look.Bundle> entry : counting.entrySet()) {
      Look.Bundle bundle = entry.getValue();
      boolean counts = now.contains(spec(moduleName(bundle.resource().symbolicName()), bundle));
      (counts ? first : then).add(entry);
    }
    first.addAll(then);
    return first;
  }

  /** Dots are not allowed in the names of modules, everything else in symbolic names is. */
  private static String moduleName(String symbolicName) {
    return symbolicName.replace('.', '-');
  }

  private ModuleSpec spec(String name, Look.Bundle bundle) {
    return new ModuleSpec(
        name,
        new ImageReference(
            Optional.of(folder.toString()),
            bundle.resource().symbolicName(),
            Optional.of(bundle.resource().version().toString()),
            Optional.of(bundle.sha256())),
        PullPolicy.ON_CREATE,
        Map.of(),
        Map.of());
  }

  private void tell(State next) {
    next.problems()
        .forEach(
            (file, problem) -> {
              if (!problem.equals(state.problems().get(file))) {
                LOG.warn("drop-ins: {} {}", folder.resolve(file), problem);
              }
            });
    state = next;
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.warn("drop-ins: a listener failed", e);
      }
    }
  }

  private void enqueue(Runnable task) {
    try {
      if (!closed) {
        owner.execute(task);
      }
    } catch (RejectedExecutionException e) {
      LOG.debug("drop-ins: an event after the end is ignored");
    }
  }

  @Override
  public void close() {
    closed = true;
    owner.close();
    watch.close();
  }
}
