package io.gantry.bench.swap;

import aQute.bnd.osgi.repository.SimpleIndexer;
import io.gantry.testkit.module.TestBundle;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A folder with the jars of modules that are measured, and its index. */
final class Jars {

  static final String SENDER = "io.gantry.bench.sender";
  static final String RECEIVER = "io.gantry.bench.receiver";
  static final String IDLE = "io.gantry.bench.idle";

  private final Path folder;

  Jars(Path folder) {
    this.folder = folder;
  }

  /** What sends. */
  void sender() throws IOException {
    component(SENDER, "1.0.0", Sender.class)
        .component(
            Sender.class,
            "configuration-pid=\"io.gantry.module\" configuration-policy=\"require\""
                + " immediate=\"true\" activate=\"start\" deactivate=\"stop\"",
            "<reference name=\"client\" interface=\"io.gantry.api.module.ModuleClient\""
                + " bind=\"bind\"/>")
        .writeTo(folder);
  }

  /** What takes messages by input {@code in}. */
  void receiver(String version) throws IOException {
    component(RECEIVER, version, Receiver.class)
        .component(
            Receiver.class,
            "configuration-pid=\"io.gantry.module\" configuration-policy=\"require\""
                + " immediate=\"true\" activate=\"start\"",
            "<property name=\"gantry.input\" value=\"in\"/>"
                + "<service><provide interface=\"io.gantry.api.module.MessageHandler\"/></service>")
        .writeTo(folder);
  }

  /**
   * What does nothing.
   *
   * @param bytes about so large
   */
  void idle(String version, int bytes) throws IOException {
    byte[] noise = new byte[bytes * 3 / 4];
    new Random(version.hashCode()).nextBytes(noise);
    TestBundle.of(IDLE, version)
        .component(Idle.class, "immediate=\"true\"", "")
        .entry("noise", Base64.getEncoder().encodeToString(noise))
        .writeTo(folder);
  }

  /** Is there. */
  public static final class Idle {}

  private static TestBundle component(String name, String version, Class<?> type) {
    return TestBundle.of(name, version)
        .header("Import-Package", "io.gantry.api.message,io.gantry.api.module")
        .type(Ledger.class)
        .type(type);
  }

  /** Makes the index; where it is. */
  Path index() throws IOException {
    Path index = folder.resolve("index.xml");
    try (Stream<Path> files = Files.list(folder)) {
      List<File> jars =
          files.filter(file -> file.toString().endsWith(".jar")).map(Path::toFile).toList();
      new SimpleIndexer().files(jars).base(folder.toUri()).name("measured").index(index.toFile());
    }
    return index;
  }
}
