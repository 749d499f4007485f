package io.gantry.module.host.watch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

@Timeout(300)
class FrameworkStartTest {

  @TempDir Path folder;
  private Framework framework;

  @BeforeEach
  void initialise() throws Exception {
    framework =
        new FrameworkFactory()
            .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.resolve("felix").toString()));
    framework.init();
  }

  @AfterEach
  void stop() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
  }

  @Test
  void itIsReachedWhenTheFrameworkHasStartedAndNotBefore() throws Exception {
    try (FrameworkStart start = new FrameworkStart(framework.getBundleContext())) {
      CompletableFuture<Void> reached = start.reached().toCompletableFuture();
      assertFalse(reached.isDone());
      framework.start();
      reached.get(60, TimeUnit.SECONDS);
    }
  }

  /** Replacing the module host in a running framework is not a start. */
  @Test
  void itIsReachedAtOnceInAFrameworkThatRuns() throws Exception {
    framework.start();
    try (FrameworkStart start = new FrameworkStart(framework.getBundleContext())) {
      assertTrue(start.reached().toCompletableFuture().isDone());
    }
  }

  @Test
  void nobodyWaitsForAStartThatNeverComes() throws Exception {
    FrameworkStart start = new FrameworkStart(framework.getBundleContext());
    start.close();
    assertTrue(start.reached().toCompletableFuture().isDone());
  }
}
