package io.gantry.module.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleConnectionsTest {

  private final FakeHub hub = new FakeHub();
  private final ModuleConnections connections =
      new ModuleConnections(() -> hub, new ManualThreads(), new ManualTime(), new ManualTime());

  @Test
  void allUsersOfAModuleShareItsConnectionWhichEndsWithTheLast() throws Exception {
    ModuleConnections.Use first = connections.use("filter");
    ModuleConnections.Use second = connections.use("filter");
    assertSame(first.connection(), second.connection());
    assertNotSame(first.connection(), connections.use("sensor").connection());
    first.connection().open();
    first.close();
    first.close();
    assertEquals(List.of("gateway/filter"), hub.newEvents());
    second.close();
    assertEquals(List.of("closed"), hub.newEvents());
  }
}
