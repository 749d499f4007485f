package io.gantry.itest.framework;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.systemTimeout;
import static org.ops4j.pax.exam.CoreOptions.url;
import static org.ops4j.pax.exam.CoreOptions.workingDirectory;

import io.gantry.itest.distribution.Folder;
import io.gantry.launcher.run.ShippedProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.spi.DefaultExamSystem;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Constants;

/**
 * A framework in this JVM with the bundles, the start levels, the properties and the configuration
 * of the distribution, and with Pax Exam's own few bundles beside them.
 */
final class SharedFramework implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 120_000;
  // Before anything of ours starts.
  private static final int EXAM_LEVEL = 2;
  private static final List<String> EXAM_BUNDLES =
      List.of(
          "org.ops4j.pax.exam",
          "org.ops4j.pax.exam.inject",
          "org.ops4j.pax.extender.service",
          "org.ops4j.base",
          "org.ops4j.pax.swissbox.core",
          "org.ops4j.pax.swissbox.extender",
          "org.ops4j.pax.swissbox.framework",
          "org.ops4j.pax.swissbox.lifecycle",
          "org.ops4j.pax.swissbox.tracker",
          "jakarta.inject-api");

  private final Path folder;
  private final ExamSystem system;
  private final TestContainer container;
  private TestAddress anchor;

  private SharedFramework(Path folder, ExamSystem system, TestContainer container) {
    this.folder = folder;
    this.system = system;
    this.container = container;
  }

  static SharedFramework start() {
    try {
      Path folder = Files.createTempDirectory("gantry-itest-");
      Folder distribution = Folder.copy(folder.resolve("gantry"));
      // As RunCommand does; conf/logback.xml knows system properties only.
      System.setProperty("gantry.data", distribution.data().toString());
      Files.createDirectories(distribution.data().resolve("run"));
      ExamSystem system = DefaultExamSystem.create(options(folder, distribution));
      TestContainer container = PaxExamRuntime.createContainer(system);
      container.start();
      return new SharedFramework(folder, system, container);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Option[] options(Path folder, Folder distribution) throws IOException {
    ShippedProperties shipped = ShippedProperties.of(distribution.home());
    List<Option> options = new ArrayList<>();
    options.add(workingDirectory(folder.resolve("exam").toString()));
    options.add(systemTimeout(TIMEOUT_MILLIS));
    shipped
        .framework(distribution.home(), distribution.data(), distribution.conf())
        .forEach((name, value) -> options.add(frameworkProperty(name).value(value)));
    for (Path jar : Folder.jars(distribution.home().resolve("system"))) {
      options.add(
          bundle("reference:" + jar.toUri()).startLevel(shipped.levelOf(symbolicName(jar))));
    }
    for (String name : EXAM_BUNDLES) {
      options.add(url("link:classpath:META-INF/links/" + name + ".link").startLevel(EXAM_LEVEL));
    }
    // Assertions fail with the classes that JUnit outside knows.
    options.add(
        systemPackages(
            "org.junit.jupiter.api",
            "org.junit.jupiter.api.extension",
            "org.junit.jupiter.api.function",
            "org.junit.jupiter.api.io",
            "org.junit.jupiter.params",
            "org.junit.jupiter.params.provider",
            "org.opentest4j"));
    options.add(frameworkStartLevel(shipped.highest()));
    return options.toArray(Option[]::new);
  }

  private static String symbolicName(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      String header =
          file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
      int semicolon = header.indexOf(';');
      return (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
    }
  }

  /** Makes a bundle of this module's test classes and installs it. */
  void installProbe() {
    try {
      TestProbeBuilder probe = system.createProbe();
      anchor = probe.addTest(InContainer.class, "run");
      container.installProbe(probe.build().getStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void uninstallProbe() {
    container.uninstallProbe();
  }

  /** Calls {@link InContainer#run} inside. */
  void call(Object... arguments) {
    container.call(new Call(anchor, arguments));
  }

  private record Call(TestAddress root, Object[] arguments) implements TestAddress {

    @Override
    public String identifier() {
      return root.identifier();
    }

    @Override
    public String caption() {
      return root.caption();
    }
  }

  @Override
  public void close() throws IOException {
    container.stop();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException error)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
