package io.gantry.launcher.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.launcher.cli.ReadyReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BannerTest {

  @Test
  void theFirstMessageNamesTheRealPort() {
    ReadyReport report =
        new ReadyReport(
            true, Map.of("mqtt", "mqtt://127.0.0.1:18830"), List.of(), List.of(), List.of());
    String banner = Banner.of(report, Path.of("/data"));
    assertTrue(banner.contains(" is ready\n  mqtt      mqtt://127.0.0.1:18830\n"), banner);
    assertTrue(banner.contains("gantry identity create thermo1\n"), banner);
    assertTrue(banner.contains("mosquitto_pub -h 127.0.0.1 -p 18830 -i thermo1 -q 1"), banner);
    assertTrue(banner.contains("-P \"$(gantry identity token thermo1)\""), banner);
    assertFalse(banner.contains("gantry console"), banner);
  }

  @Test
  void whatIsWrongIsSaid() {
    ReadyReport report =
        new ReadyReport(
            false,
            Map.of("console", "http://127.0.0.1:8080/"),
            List.of("agent: busy"),
            List.of(),
            List.of("module filter: failed: no jar"));
    String banner = Banner.of(report, Path.of("/data"));
    assertTrue(banner.contains("not ready yet"), banner);
    assertTrue(banner.contains("waiting   agent: busy"), banner);
    assertTrue(banner.contains("warning   module filter: failed: no jar"), banner);
    assertTrue(banner.contains("'gantry console' shows the password"), banner);
  }
}
