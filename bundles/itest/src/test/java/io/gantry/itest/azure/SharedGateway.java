package io.gantry.itest.azure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One running gateway for the test classes that do not end it; it ends after the last of them. */
final class SharedGateway implements BeforeAllCallback, ParameterResolver {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedGateway.class);

  private record Started(Path folder, Gateway gateway) implements AutoCloseable {

    static Started now() throws Exception {
      Path folder = Files.createTempDirectory("azure");
      Gateway gateway = Gateway.in(folder.resolve("gantry"));
      gateway.start();
      return new Started(folder, gateway);
    }

    @Override
    public void close() throws Exception {
      gateway.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, NAMESPACE);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    if (store(context).get(Started.class, Started.class) == null) {
      store(context).put(Started.class, Started.now());
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Gateway.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return store(context).get(Started.class, Started.class).gateway();
  }
}
