package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {

  @TempDir Path folder;
  private Cache cache;
  private Records records;

  @BeforeEach
  void open() throws IOException {
    cache = new Cache(folder.resolve("cache"));
    records = new Records(cache);
  }

  @Test
  void aJarIsKeptUnderItsDigest() throws IOException {
    String sha256 = add("abc");
    assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sha256);
    assertTrue(cache.isIntact(sha256));
    Files.writeString(cache.path(sha256), "abd");
    assertTrue(cache.contains(sha256));
    assertFalse(cache.isIntact(sha256));
  }

  @Test
  void aDownloadThatBreaksOffLeavesNothing() throws IOException {
    InputStream torn =
        new InputStream() {
          private int left = 100;

          @Override
          public int read() throws IOException {
            if (left-- == 0) {
              throw new IOException("link lost");
            }
            return 1;
          }
        };
    assertThrows(IOException.class, () -> cache.add(torn));
    try (var files = Files.list(folder.resolve("cache"))) {
      assertEquals(0, files.count());
    }
  }

  /** What a power cut left behind is swept at the next start. */
  @Test
  void anUnfinishedDownloadIsForgottenAtTheStart() throws IOException {
    Path torn = Files.writeString(folder.resolve("cache/new1.tmp"), "half");
    new Cache(folder.resolve("cache"));
    assertFalse(Files.exists(torn));
  }

  @Test
  void whatIsClaimedOrNamedIsNotDeleted() throws IOException {
    String claimed = add("claimed");
    String named = add("named");
    String unused = add("unused");
    cache.release(Set.of(named, unused));
    cache.retain(Set.of(named));
    assertTrue(cache.contains(claimed));
    assertTrue(cache.contains(named));
    assertFalse(cache.contains(unused));
  }

  @Test
  void aRecordRemembersTheInstalledThePreparedAndTheReplaced() throws IOException {
    PreparedModule one = prepared("1.0.0", "acme.filter:1.0.0");
    PreparedModule two = prepared("2.0.0", "acme.filter:2.0.0");
    PreparedModule three = prepared("3.0.0", "acme.filter:3.0.0");
    for (PreparedModule module : List.of(one, two, three)) {
      records.prepared(module);
      records.installed(module);
    }
    assertEquals(Optional.of(three), records.find(three.spec()));
    assertEquals(Optional.of(two), records.find(two.spec()));
    assertEquals(Optional.empty(), records.find(one.spec()));
    PreparedModule four = prepared("4.0.0", "acme.filter:4.0.0");
    records.prepared(four);
    assertEquals(Optional.of(two), new Records(cache).find(two.spec()), "it is on disk");
    assertEquals(Optional.of(four), records.find(four.spec()));
  }

  /** One image without a version: the one that ran comes back, not the one that was looked at. */
  @Test
  void theInstalledOneIsPreferredToThePreparedOne() throws IOException {
    PreparedModule installed = prepared("1.0.0", "acme.filter");
    records.installed(installed);
    records.prepared(prepared("2.0.0", "acme.filter"));
    assertEquals(Optional.of(installed), records.find(installed.spec()));
  }

  @Test
  void aRecordWhoseJarIsDamagedIsNotFound() throws IOException {
    PreparedModule module = prepared("1.0.0", "acme.filter");
    records.installed(module);
    Files.writeString(cache.path(module.shared().get(0).sha256()), "x");
    assertEquals(Optional.empty(), records.find(module.spec()));
  }

  @Test
  void aDamagedRecordIsIgnored() throws IOException {
    PreparedModule module = prepared("1.0.0", "acme.filter");
    records.installed(module);
    Files.writeString(folder.resolve("cache/filter.module"), "gantry-module 1\ncurrent");
    assertEquals(Optional.empty(), records.find(module.spec()));
    assertEquals(Set.of(), records.digests());
  }

  @Test
  void aRemovedModuleCanComeBackWithoutARepository() throws IOException {
    PreparedModule module = prepared("1.0.0", "acme.filter");
    records.installed(module);
    records.removed("filter");
    assertEquals(Optional.of(module), records.find(module.spec()));
    assertTrue(records.digests().contains(module.sha256()));
  }

  private PreparedModule prepared(String version, String image) throws IOException {
    ModuleSpec spec =
        new ModuleSpec(
            "filter", ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of());
    SharedBundle lib = new SharedBundle("acme.lib", "1.0.0", add("lib of " + version));
    return new PreparedModule(spec, version, add(version), List.of(lib));
  }

  private String add(String content) throws IOException {
    return cache.add(new ByteArrayInputStream(content.getBytes(UTF_8)));
  }
}
