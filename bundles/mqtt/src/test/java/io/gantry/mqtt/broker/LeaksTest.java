package io.gantry.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.time.Await;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

/** All tests of this bundle are watched, without saying so; this one says nothing either. */
class LeaksTest {

  private static void leak() {
    PooledByteBufAllocator.DEFAULT.buffer(1);
  }

  @Test
  void aBufferThatIsNotGivenBackIsFound() {
    assertEquals(ResourceLeakDetector.Level.PARANOID, ResourceLeakDetector.getLevel());
    leak();
    Await.until("the collector has run", () -> !Leaks.find().isEmpty());
    assertEquals(1, Leaks.find().size());
    Leaks.forget();
  }
}
