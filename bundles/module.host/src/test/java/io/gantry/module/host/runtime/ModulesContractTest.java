package io.gantry.module.host.runtime;

import io.gantry.module.host.fixture.Settings;
import io.gantry.module.host.fixture.Throwing;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.testkit.module.ModuleRuntimeContract;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ModulesContractTest extends ModuleRuntimeContract {

  @TempDir Path temp;
  private RealTime time;
  private TestFramework framework;
  private ModuleHost host;

  @BeforeEach
  void setUp() throws Exception {
    TestBundle.of("acme.throwing", "1.0.0")
        .activator(Throwing.class)
        .header("Import-Package", "org.osgi.framework")
        .writeTo(temp.resolve("repository"));
    time = new RealTime();
    framework = new TestFramework(temp.resolve("felix"));
    host =
        new ModuleHost(
            framework.context(),
            new HostSettings(
                List.of(temp.resolve("repository").toString()),
                temp.resolve("cache"),
                TestFramework.LIMITS),
            framework.services(time));
  }

  @AfterEach
  void tearDown() throws Exception {
    host.close();
    framework.close();
    time.close();
  }

  @Override
  protected ModuleRuntime runtime() {
    return host.runtime();
  }

  @Override
  protected ModuleSpec good(String name, String version) throws Exception {
    TestBundle.of("acme.good", version)
        .component(Settings.class, "immediate=\"true\" activate=\"activate\"", "")
        .writeTo(temp.resolve("repository"));
    return spec(name, "acme.good:" + version);
  }

  @Override
  protected ModuleSpec failing(String name) {
    return spec(name, "acme.throwing");
  }

  @Override
  protected ModuleSpec missing(String name) {
    return spec(name, "acme.nowhere");
  }

  private static ModuleSpec spec(String name, String image) {
    return new ModuleSpec(
        name, ImageReference.parse(image), PullPolicy.ON_CREATE, Map.of(), Map.of());
  }
}
