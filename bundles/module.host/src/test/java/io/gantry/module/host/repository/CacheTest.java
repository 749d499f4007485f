package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.FetchException;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {

  @TempDir Path folder;
  private Cache cache;

  @BeforeEach
  void open() throws IOException {
    cache = new Cache(folder.resolve("cache"));
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
  void aCopyThatBreaksOffLeavesNothing() throws IOException {
    InputStream torn =
        new InputStream() {
          private int left = 100;

          @Override
          public int read() throws IOException {
            // Reading many at once calls again after a failure, which must not be the end of it.
            if (left == 0) {
              throw new IOException("link lost");
            }
            left--;
            return 1;
          }
        };
    assertThrows(IOException.class, () -> cache.add(torn, (jar, sha256) -> {}));
    assertNothingThere();
  }

  /** Whoever looks at the cache meanwhile must not find what is refused a moment later. */
  @Test
  void whatTheCheckRefusesNeverGetsItsName() throws IOException {
    assertThrows(
        IOException.class,
        () ->
            cache.add(
                new ByteArrayInputStream(new byte[3]),
                (jar, sha256) -> {
                  assertFalse(cache.contains(sha256));
                  assertTrue(Files.exists(jar));
                  throw new IOException("not signed");
                }));
    assertNothingThere();
  }

  /** What a power cut left behind is swept at the next start. */
  @Test
  void anUnfinishedCopyIsForgottenAtTheStart() throws IOException {
    Path torn = Files.writeString(folder.resolve("cache/new1.tmp"), "half");
    new Cache(folder.resolve("cache"));
    assertFalse(Files.exists(torn));
  }

  @Test
  void whatIsClaimedOrNamedIsNotDeleted() throws IOException {
    String claimed = add("claimed");
    String named = add("named");
    String unused = add("unused!");
    cache.claim("m", Set.of(named, unused));
    cache.claim("m", Set.of(claimed));
    cache.claim("other", Set.of(claimed));
    cache.claimOnly("m", Set.of(named));
    assertEquals(new Collected(1, 7, 2, 12), cache.retain(Set.of(named)));
    assertTrue(cache.contains(claimed), "another one claims it");
    assertTrue(cache.contains(named));
    assertFalse(cache.contains(unused));
    cache.releaseAllWithin(Set.of(claimed));
    cache.retain(Set.of());
    assertFalse(cache.contains(claimed));
    assertTrue(cache.contains(named), "m was not spoken of");
  }

  /** The store lies on the same disk, and what it was given matters more than what may come. */
  @Test
  void whatWouldFillTheDiskIsRefusedUntilThereIsRoom() throws IOException {
    AtomicLong free = new AtomicLong(Cache.RESERVE_BYTES + 100);
    Cache small = new Cache(folder.resolve("small"), free::get);
    small.checkRoom(100);
    small.checkRoom(-1);
    FetchException full = assertThrows(FetchException.class, () -> small.checkRoom(101));
    assertTrue(full.getMessage().startsWith("does not fit on the disk"), full.getMessage());
    assertTrue(full.temporary());
    free.set(Cache.RESERVE_BYTES - 1);
    assertThrows(FetchException.class, () -> small.checkRoom(-1));
  }

  private void assertNothingThere() throws IOException {
    try (var files = Files.list(folder.resolve("cache"))) {
      assertEquals(0, files.count());
    }
  }

  private String add(String content) throws IOException {
    return cache.add(new ByteArrayInputStream(content.getBytes(UTF_8)), (jar, sha256) -> {});
  }
}
