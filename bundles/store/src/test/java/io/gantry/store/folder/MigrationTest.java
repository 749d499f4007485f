package io.gantry.store.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.RetainedLog;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/**
 * A folder that format 1 has left: forty records in queue a, of which ten are done, every second of
 * them in queue b as well, a queue that was removed, a log and a table.
 */
class MigrationTest {

  /** The folder as it was, bytes and all. */
  private static FaultyDisk version1() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (InputStream in = MigrationTest.class.getResourceAsStream("/version-1.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.isDirectory()) {
          Path path = TestFolder.DIRECTORY.resolve(entry.getName());
          disk.createFolder(path.getParent());
          try (DiskFile file = disk.open(path)) {
            file.write(0, ByteBuffer.wrap(zip.readAllBytes()));
            file.sync();
          }
          disk.syncFolder(path.getParent());
        }
      }
    }
    return disk;
  }

  private static void compare(TestFolder folder) throws Exception {
    List<String> expected = new ArrayList<>();
    for (int i = 10; i < 40; i++) {
      expected.add(i + " " + ".".repeat(5_000));
    }
    assertEquals(expected, folder.waiting("a"));
    assertEquals(30, folder.queue("a").pending());
    assertEquals(
        expected.stream().mapToLong(String::length).sum(), folder.queue("a").pendingBytes());
    List<Entry> entries = TestFolder.waiting(folder.queue("b"));
    assertEquals(20, entries.size());
    for (int i = 0; i < 20; i++) {
      assertTrue(TestFolder.text(entries.get(i).record()).startsWith(2 * i + " "));
      assertEquals(QueueTarget.NEVER, entries.get(i).expiresAt());
    }
    assertEquals(Set.of("a", "b"), folder.store().queues().queues());
    assertEquals(0, folder.status().damagedRecords());
  }

  @Test
  void whatWaitedInFormat1StillWaits() throws Exception {
    FaultyDisk disk = version1();
    for (int start = 0; start < 3; start++) {
      try (TestFolder folder = TestFolder.open(disk)) {
        compare(folder);
      }
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      folder.append("new", "a", "c");
      assertEquals(31, folder.drain("a"));
      assertEquals(20, folder.drain("b"));
      assertEquals(List.of("new"), folder.waiting("c"));
      folder.settle();
      assertEquals(1, folder.status().segments());
    }
  }

  @Test
  void logsAndTablesAreReadAsTheyAre() throws Exception {
    try (TestFolder folder = TestFolder.open(version1())) {
      List<String> events = new ArrayList<>();
      for (RetainedLog.Entry entry : folder.store().log("events", 1 << 20).read(0, 100)) {
        events.add(new String(entry.record(), UTF_8));
      }
      assertEquals(10, events.size());
      assertEquals("event 9", events.get(9));
      assertEquals(Set.of("one", "two"), folder.store().table("state").keys());
    }
  }

  /** It goes on where it was, and nothing is twice. */
  @Test
  void aMigrationMayBeInterruptedAnywhere() throws Exception {
    int interrupted = 0;
    for (int write = 1; write < 40; write++) {
      FaultyDisk disk = version1();
      disk.failWrite(write, 1);
      try (TestFolder folder = TestFolder.open(disk)) {
        compare(folder);
      } catch (IOException failed) {
        interrupted++;
      }
      disk.failWrite(1, 0);
      disk = write % 2 == 0 ? disk.powerCut(write) : disk.kill();
      try (TestFolder folder = TestFolder.open(disk)) {
        compare(folder);
      }
    }
    assertTrue(interrupted > 4, "interrupted " + interrupted + " times");
  }
}
