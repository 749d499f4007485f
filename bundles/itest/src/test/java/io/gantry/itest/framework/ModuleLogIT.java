package io.gantry.itest.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** What a bundle logs by any of the usual means comes into the log of its module. */
@ExtendWith(InFramework.class)
class ModuleLogIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject private BundleContext context;
  @Inject private ModuleLogs logs;

  private static byte[] bundle() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.putValue("Bundle-ManifestVersion", "2");
    headers.putValue("Bundle-SymbolicName", "com.acme.talker");
    headers.putValue("Bundle-Activator", Talker.class.getName());
    headers.putValue("Import-Package", "org.osgi.framework,org.osgi.service.log,org.slf4j");
    try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
      String path = Talker.class.getName().replace('.', '/') + ".class";
      jar.putNextEntry(new JarEntry(path));
      try (InputStream type = Talker.class.getClassLoader().getResourceAsStream(path)) {
        type.transferTo(jar);
      }
    }
    return bytes.toByteArray();
  }

  private List<LogLine> lines(String log) {
    List<LogLine> lines = new ArrayList<>();
    try {
      logs.read(log, LogQuery.ALL, lines::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private LogLine await(String log, Predicate<LogLine> wanted) {
    Await.until(
        "the line", LIMIT, () -> lines(log).stream().anyMatch(wanted), () -> lines(log) + "");
    return lines(log).stream().filter(wanted).findFirst().orElseThrow();
  }

  @Test
  void eachWayToLogAndToPrintLeadsIntoTheLogOfTheModule() throws Exception {
    Bundle talker =
        context.installBundle("gantry:module/talker/1", new ByteArrayInputStream(bundle()));
    try {
      talker.start();
      assertEquals(6, await("talker", line -> line.text().equals("Talker: slf4j says 42")).level());
      assertEquals(4, await("talker", line -> line.text().equals("Talker: JUL says 43")).level());
      assertEquals(3, await("talker", line -> line.text().equals("Talker: OSGi says 44")).level());
      assertEquals(6, await("talker", line -> line.text().equals("printed 45")).level());
      assertEquals(4, await("talker", line -> line.text().equals("complained 46")).level());
      LogLine failed = await("talker", line -> line.text().startsWith("Talker: it failed\n"));
      assertTrue(
          failed.text().contains("java.lang.IllegalStateException: as the test wanted\n\tat io."),
          failed::text);
      // Logback prints errors on the terminal, on the thread of the module.
      assertEquals(1, lines("talker").stream().filter(l -> l.text().contains("it failed")).count());
    } finally {
      talker.uninstall();
    }
    assertTrue(logs.modules().contains("talker"), "what is removed keeps its log");
  }

  @Test
  void theRuntimeHasLogsOfItsOwnAndSpeaksOfAModuleInThatOfTheModule() {
    await(ModuleLogs.AGENT, line -> true);
    await(ModuleLogs.HUB, line -> true);
    await("filter", line -> line.text().endsWith("STARTING -> RUNNING"));
  }
}
