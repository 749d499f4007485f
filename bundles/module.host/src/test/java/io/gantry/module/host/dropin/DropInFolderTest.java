package io.gantry.module.host.dropin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.testkit.module.TestBundle;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With a clock that stands still, unless it is about what the operating system says. */
@Timeout(300)
class DropInFolderTest {

  @TempDir Path temp;
  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private DropInFolder dropIns;
  private int told;

  @AfterEach
  void close() {
    if (dropIns != null) {
      dropIns.close();
    }
  }

  private Path folder() {
    return temp.resolve("deploy");
  }

  private void open() throws Exception {
    dropIns = DropInFolder.open(folder(), time, threads);
    dropIns.listen(() -> told++);
    threads.runAll();
  }

  /** So long as to let everything be found that the operating system did not say. */
  private void rounds() {
    for (int i = 0; i < 30; i++) {
      time.advance(Duration.ofSeconds(1));
      threads.runAll();
    }
  }

  @Test
  void whatLiesThereAtTheStartIsKnownAtOnce() throws Exception {
    drop("acme.filter", "1.0.0", "filter.jar");
    open();
    ModuleSpec module = dropIns.modules().get(0);
    assertEquals("acme-filter", module.name());
    assertEquals(ModuleSpec.PullPolicy.ON_CREATE, module.pull());
    ImageReference image = module.image();
    assertEquals(folder().toString(), image.repository().orElseThrow());
    assertEquals("1.0.0", image.version().orElseThrow());
    assertTrue(image.digest().isPresent());
    assertEquals(image, ImageReference.parse(image.toString()), "it can be said in a manifest");
    assertEquals(Map.of(), dropIns.problems());
  }

  @Test
  void theFolderIsCreatedAndWhatIsAddedReplacedAndRemovedIsTold() throws Exception {
    open();
    assertEquals(List.of(), dropIns.modules());
    drop("acme.filter", "1.0.0", "filter.jar");
    rounds();
    assertEquals(List.of("acme.filter:1.0.0"), modules());
    assertEquals(1, told);
    drop("acme.filter", "1.1.0", "filter.jar");
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
    assertEquals(2, told);
    rounds();
    assertEquals(2, told, "nothing has changed");
    Files.delete(folder().resolve("filter.jar"));
    rounds();
    assertEquals(List.of(), modules());
    assertEquals(3, told);
  }

  /** A copy of many megabytes takes its time, and its first half is no module. */
  @Test
  void aJarCountsOnceItIsWholeAndItsFormerContentUntilThen() throws Exception {
    drop("acme.filter", "1.0.0", "filter.jar");
    open();
    byte[] next = Files.readAllBytes(bundle("acme.filter", "1.1.0"));
    for (int length : new int[] {0, 10, next.length / 2, next.length - 1}) {
      Files.write(folder().resolve("filter.jar"), Arrays.copyOf(next, length));
      threads.runAll();
      assertEquals(List.of("acme.filter:1.0.0"), modules());
    }
    Files.write(folder().resolve("filter.jar"), next);
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
    assertEquals(Map.of(), dropIns.problems());
  }

  /** Its length is right and its end is there: only the checksums tell. */
  @Test
  void aJarWithAHoleInItIsNoModule() throws Exception {
    open();
    byte[] content = Files.readAllBytes(bundle("acme.filter", "1.0.0"));
    Arrays.fill(content, 60, 90, (byte) 0);
    Files.write(folder().resolve("filter.jar"), content);
    rounds();
    assertEquals(List.of(), modules());
    assertTrue(dropIns.problems().containsKey("filter.jar"), "" + dropIns.problems());
  }

  @Test
  void whatIsNoModuleIsAProblemInWords() throws Exception {
    open();
    Files.writeString(folder().resolve("broken.jar"), "no jar at all");
    Files.writeString(folder().resolve("readme.txt"), "no jar, and nobody's business");
    drop("acme.part", "1.0.0", "part.jar", "Fragment-Host", "acme.filter");
    rounds();
    assertEquals(List.of(), modules());
    Map<String, String> problems = dropIns.problems();
    assertEquals(List.of("broken.jar", "part.jar"), problems.keySet().stream().sorted().toList());
    assertTrue(problems.get("broken.jar").startsWith("is no bundle that could run: "));
    assertTrue(problems.get("part.jar").contains("fragment"), problems.get("part.jar"));
    Files.delete(folder().resolve("broken.jar"));
    rounds();
    assertEquals(List.of("part.jar"), List.copyOf(dropIns.problems().keySet()));
  }

  @Test
  void ofTwoJarsOfOneNameTheOneThatCountedGoesOn() throws Exception {
    drop("acme.filter", "1.0.0", "z.jar");
    open();
    drop("acme.filter", "1.1.0", "a.jar");
    rounds();
    assertEquals(List.of("acme.filter:1.0.0"), modules());
    assertEquals(
        Map.of("a.jar", "would be the module acme-filter, which z.jar is already"),
        dropIns.problems());
    Files.delete(folder().resolve("z.jar"));
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
    assertEquals(Map.of(), dropIns.problems());
  }

  @Test
  void withoutAnyChangeNothingIsDoneButALookFromTimeToTime() throws Exception {
    drop("acme.filter", "1.0.0", "filter.jar");
    open();
    rounds();
    assertEquals(1, time.waiting());
    assertEquals(0, told);
  }

  @Test
  void aFolderThatVanishesChangesNothing() throws Exception {
    drop("acme.filter", "1.0.0", "filter.jar");
    open();
    Files.move(folder(), temp.resolve("away"));
    rounds();
    assertEquals(List.of("acme.filter:1.0.0"), modules());
    Files.move(temp.resolve("away"), folder());
    Files.delete(folder().resolve("filter.jar"));
    rounds();
    assertEquals(List.of(), modules());
  }

  /** As many tools replace a file: it must not look as if its module was taken away. */
  @Test
  void aJarThatIsDeletedAndComesBackAtOnceWasReplaced() throws Exception {
    drop("acme.filter", "1.0.0", "filter.jar");
    open();
    Files.delete(folder().resolve("filter.jar"));
    time.advance(Duration.ofMillis(100));
    threads.runAll();
    assertEquals(List.of("acme.filter:1.0.0"), modules());
    drop("acme.filter", "1.1.0", "filter.jar");
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
    assertEquals(1, told);
  }

  @Test
  void aRelativePathIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> DropInFolder.open(Path.of("deploy"), time, threads));
  }

  /** What the operating system says is heard: no round passes in this test. */
  @Test
  void aChangeIsHeardOfWithoutWaitingForARound() throws Exception {
    Semaphore changes = new Semaphore(0);
    CountDownLatch never = new CountDownLatch(1);
    try (RealTime real = new RealTime();
        DropInFolder heard =
            DropInFolder.open(
                folder(),
                (delay, task) ->
                    delay.compareTo(Duration.ofSeconds(1)) > 0
                        ? never::countDown
                        : real.schedule(delay, task),
                real)) {
      heard.listen(changes::release);
      drop("acme.filter", "1.0.0", "filter.jar");
      awaitTold(changes, List.of("1.0.0"), heard);
      drop("acme.filter", "1.1.0", "filter.jar");
      awaitTold(changes, List.of("1.1.0"), heard);
      Files.delete(folder().resolve("filter.jar"));
      awaitTold(changes, List.of(), heard);
    }
  }

  /** A file that is being written may be heard of more than once. */
  private static void awaitTold(Semaphore changes, List<String> versions, DropInFolder heard)
      throws InterruptedException {
    do {
      assertTrue(changes.tryAcquire(60, TimeUnit.SECONDS), "not told of " + versions);
    } while (!versions(heard).equals(versions));
  }

  private static List<String> versions(DropInFolder folder) {
    return folder.modules().stream().map(module -> module.image().version().orElseThrow()).toList();
  }

  /** A stick is pulled and put in again: its path leads to another folder than before. */
  @Test
  void aFolderThatComesBackIsListenedToAgain() throws Exception {
    Semaphore changes = new Semaphore(0);
    BlockingQueue<Runnable> rounds = new LinkedBlockingQueue<>();
    try (RealTime real = new RealTime();
        DropInFolder heard =
            DropInFolder.open(
                folder(),
                (delay, task) -> {
                  if (delay.compareTo(Duration.ofSeconds(1)) > 0) {
                    rounds.add(task);
                    return () -> {};
                  }
                  return real.schedule(delay, task);
                },
                real)) {
      heard.listen(changes::release);
      Files.move(folder(), temp.resolve("away"));
      Files.createDirectory(folder());
      rounds.poll(60, TimeUnit.SECONDS).run();
      assertNotNull(rounds.poll(60, TimeUnit.SECONDS), "this round is over");
      drop("acme.filter", "1.0.0", "filter.jar");
      awaitTold(changes, List.of("1.0.0"), heard);
    }
  }

  /** As builds make them that can be repeated, and as copies keep the date. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void anotherJarOfTheSameSizeAndDateIsSeen() throws Exception {
    Path file = folder().resolve("filter.jar");
    FileTime date = FileTime.fromMillis(0);
    Files.createDirectories(folder());
    Files.copy(bundle("acme.filter", "1.0.0", ""), file);
    Files.setLastModifiedTime(file, date);
    long size = Files.size(file);
    open();
    byte[] next = Files.readAllBytes(bundle("acme.filter", "1.1.0", ""));
    Object before = Files.getAttribute(file, "unix:ctime");
    while (Files.getAttribute(file, "unix:ctime").equals(before)) {
      Files.write(file, next);
      Files.setLastModifiedTime(file, date);
    }
    assertEquals(size, Files.size(file));
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkCountsAsWhatItLeadsToAndOneThatLeadsNowhereAsNothing() throws Exception {
    open();
    Path link = folder().resolve("filter.jar");
    Files.createSymbolicLink(link, bundle("acme.filter", "1.0.0", ""));
    Files.createSymbolicLink(folder().resolve("nowhere.jar"), temp.resolve("nowhere"));
    Files.createSymbolicLink(folder().resolve("circle.jar"), folder().resolve("circle.jar"));
    Files.createDirectory(folder().resolve("folder.jar"));
    rounds();
    assertEquals(List.of("acme.filter:1.0.0"), modules());
    assertEquals(Map.of(), dropIns.problems());
    Files.delete(link);
    Files.createSymbolicLink(link, bundle("acme.filter", "1.1.0", ""));
    rounds();
    assertEquals(List.of("acme.filter:1.1.0"), modules());
  }

  private List<String> modules() {
    return dropIns.modules().stream()
        .map(m -> m.image().symbolicName() + ":" + m.image().version().orElseThrow())
        .toList();
  }

  private Path bundle(String symbolicName, String version) throws Exception {
    return bundle(symbolicName, version, "a".repeat(1000));
  }

  private Path bundle(String symbolicName, String version, String text) throws Exception {
    return TestBundle.of(symbolicName, version)
        .entry("a.txt", text)
        .writeTo(temp.resolve("bundles"));
  }

  private void drop(String symbolicName, String version, String file, String... header)
      throws Exception {
    TestBundle bundle = TestBundle.of(symbolicName, version);
    if (header.length > 0) {
      bundle.header(header[0], header[1]);
    }
    Files.createDirectories(folder());
    Files.copy(
        bundle.writeTo(temp.resolve("bundles")),
        folder().resolve(file),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
