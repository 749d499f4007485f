package io.gantry.web.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.time.Await;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What finds nothing must be able to find something. */
@ExtendWith(Leaks.class)
class LeaksTest {

  private static void leak() {
    PooledByteBufAllocator.DEFAULT.buffer(1);
  }

  @Test
  void aBufferThatIsNotGivenBackIsFound() {
    leak();
    Await.until("the collector has run", () -> !Leaks.find().isEmpty());
    assertEquals(1, Leaks.find().size());
    Leaks.forget();
  }
}
