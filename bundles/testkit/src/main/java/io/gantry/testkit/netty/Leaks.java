package io.gantry.testkit.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Watches every buffer of Netty, and fails a class of tests when one was not given back. */
public final class Leaks implements BeforeAllCallback, AfterAllCallback {

  private static final List<String> FOUND = new CopyOnWriteArrayList<>();

  /** How many uses of each buffer are remembered beside where it was made; see Netty. */
  private static final String USES = "io.netty.leakDetection.targetRecords";

  static {
    // A stack trace for each use took half of the time of all tests; with -D it is there again.
    System.setProperty(USES, System.getProperty(USES, "0"));
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Watching());
  }

  private static final class Watching extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // The only constructor that there is.
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new ResourceLeakDetector<>(resource, samplingInterval) {
        @Override
        protected boolean needReport() {
          return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
          FOUND.add(type + records);
        }

        @Override
        protected void reportUntracedLeak(String type) {
          FOUND.add(type);
        }
      };
    }
  }

  /** Loads this class before any of Netty. */
  @Override
  public void beforeAll(ExtensionContext context) {
    FOUND.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    List<String> found = find();
    if (!found.isEmpty()) {
      throw new AssertionError(found.size() + " buffers were not given back: " + found);
    }
  }

  /** What nobody can reach any more is collected; the detector tells at its next allocation. */
  public static List<String> find() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      ByteBuf next = PooledByteBufAllocator.DEFAULT.buffer(1);
      next.release();
    }
    return List.copyOf(FOUND);
  }

  /** Forgets what was found. */
  public static void forget() {
    FOUND.clear();
  }
}
