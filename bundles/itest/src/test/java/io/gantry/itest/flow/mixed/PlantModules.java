package io.gantry.itest.flow.mixed;

import io.gantry.itest.distribution.ModuleRepository;
import io.gantry.testkit.module.TestBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The two modules of our own that run in the gateway's JVM, as seen from outside of it. */
public final class PlantModules {

  /** Image of {@link SinkModule}. */
  public static final String SINK_IMAGE = "com.acme.sink";

  /** Image of {@link ProducerModule}. */
  public static final String PRODUCER_IMAGE = "com.acme.producer";

  private static final String CLIENT =
      "<reference name=\"client\" interface=\"io.gantry.api.module.ModuleClient\""
          + " parameter=\"0\"/>";

  private PlantModules() {}

  /** Makes their bundles. */
  public static void addTo(ModuleRepository repository) {
    try {
      bundle(SINK_IMAGE)
          .component(
              SinkModule.class,
              "immediate=\"true\" init=\"1\" deactivate=\"stop\"",
              "<property name=\"gantry.input\" value=\""
                  + SinkModule.INPUT
                  + "\"/><service><provide interface=\"io.gantry.api.module.MessageHandler\"/>"
                  + "</service>"
                  + CLIENT)
          .writeTo(repository.folder());
      bundle(PRODUCER_IMAGE)
          .type(Item.class)
          .type(Kind.class)
          .component(
              ProducerModule.class, "immediate=\"true\" init=\"1\" deactivate=\"stop\"", CLIENT)
          .writeTo(repository.folder());
      repository.index();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestBundle bundle(String symbolicName) {
    return TestBundle.of(symbolicName, "1.0.0")
        .header("Import-Package", "io.gantry.api.message,io.gantry.api.module");
  }

  /** A file in a module's folder, which may not be there yet. */
  static Path storage(Path data, String module, String file) {
    return data.resolve("modules").resolve(module).resolve(file);
  }

  /** The sink breaks down no more. */
  public static void calmSink(Path data) {
    touch(storage(data, SinkModule.NAME, SinkModule.CALM));
  }

  /** The producer sends no more. */
  public static void stopProducer(Path data) {
    touch(storage(data, ProducerModule.NAME, ProducerModule.STOP));
  }

  /** Whether nothing of the producer is on its way into the gateway any more. */
  public static boolean isProducerStopped(Path data) {
    return Files.exists(storage(data, ProducerModule.NAME, ProducerModule.STOPPED));
  }

  /** How many messages of the producer were acknowledged. */
  public static int produced(Path data) {
    try {
      return (int) Files.size(storage(data, ProducerModule.NAME, ProducerModule.ACKNOWLEDGED));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void touch(Path file) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
