package io.gantry.console.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.console.status.ProcessFacts;
import io.gantry.testkit.metrics.FakeMetrics;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMetricsTest {

  @TempDir Path folder;
  private final FakeMetrics metrics = new FakeMetrics();

  private HostMetrics offer() {
    ProcessFacts process = new ProcessFacts("0.1.0", new ManualTime());
    return new HostMetrics(metrics, process, folder, new ProcFiles(folder));
  }

  @Test
  void whatLinuxTellsOfTheMachineIsShownInSecondsAndBytes() throws IOException {
    Files.writeString(folder.resolve("uptime"), "12345.67 45678.90\n");
    Files.writeString(
        folder.resolve("meminfo"),
        "MemTotal:        1000 kB\nMemFree:         100 kB\nMemAvailable:     400 kB\n");
    offer();
    Map<String, Double> values = metrics.values();
    assertEquals(12345.67, values.get("edgeAgent_host_uptime_seconds"));
    assertEquals(1000.0 * 1024, values.get("edgeAgent_total_memory_bytes{module_name=\"host\"}"));
    assertEquals(600.0 * 1024, values.get("edgeAgent_used_memory_bytes{module_name=\"host\"}"));
  }

  @Test
  void whatTheSystemDoesNotTellIsNotShown() {
    offer();
    assertFalse(metrics.values().toString().contains("uptime"));
    assertFalse(metrics.values().toString().contains("\"host\""));
  }

  @Test
  void theDiskOfTheDataFolderIsShown() throws IOException {
    offer();
    String disk =
        "{disk_name=\""
            + Files.getFileStore(folder).name()
            + "\",disk_filesystem=\""
            + Files.getFileStore(folder).type()
            + "\",disk_filetype=\"unknown\"}";
    double total = metrics.values().get("edgeAgent_total_disk_space_bytes" + disk);
    double available = metrics.values().get("edgeAgent_available_disk_space_bytes" + disk);
    assertTrue(total > 0 && available <= total, available + " of " + total);
  }

  @Test
  void theFiguresOfJavaHaveTheirUsualNames() {
    offer();
    for (String series :
        List.of(
            "jvm_memory_used_bytes{area=\"heap\"}",
            "jvm_memory_used_bytes{area=\"nonheap\"}",
            "jvm_memory_max_bytes{area=\"heap\"}",
            "jvm_threads_current",
            "process_start_time_seconds")) {
      assertTrue(metrics.values().get(series) > 0, series);
    }
  }

  @Test
  void afterTheEndNothingIsShown() {
    HostMetrics host = offer();
    host.close();
    assertEquals(new TreeSet<String>(), metrics.values().keySet());
  }
}
