package io.gantry.itest.mqtt;

import io.gantry.itest.distribution.Distribution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One running broker for the test classes that do not end it; it ends after the last of them. */
final class SharedBroker implements ParameterResolver {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedBroker.class);

  private record Started(Path folder, Broker broker) implements AutoCloseable {

    static Started now() throws Exception {
      Path folder = Files.createTempDirectory("gantry-mqtt-");
      return new Started(folder, Broker.start(Distribution.in(folder.resolve("gantry"))));
    }

    @Override
    public void close() throws Exception {
      broker.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Broker.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext.Store store =
        context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, NAMESPACE);
    return store.getOrComputeIfAbsent(Started.class, key -> started(), Started.class).broker();
  }

  private static Started started() {
    try {
      return Started.now();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
