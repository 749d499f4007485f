package io.gantry.platform.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.execution.SerialExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.SecureClassLoader;
import java.security.cert.Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PooledThreadsTest {

  /** Code of a module that gives us work; loaded once more, by a loader of its own. */
  public static final class Sender implements BiConsumer<Executor, Runnable> {
    @Override
    public void accept(Executor executor, Runnable task) {
      executor.execute(task);
    }
  }

  /** Else a module stays in memory as long as the thread that it caused to be made. */
  @Test
  void aThreadKeepsNothingOfWhoAskedForIt() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Thread> made = new AtomicReference<>();
    try (PooledThreads threads = new PooledThreads();
        SerialExecutor executor = threads.serial("pump")) {
      WeakReference<ClassLoader> module = sendFromModule(executor, made, end);
      assertSame(ClassLoader.getSystemClassLoader(), made.get().getContextClassLoader());
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (module.get() != null && System.nanoTime() < limit) {
        System.gc();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      assertTrue(made.get().isAlive());
      assertSame(null, module.get());
      end.countDown();
    }
  }

  /** Threads that cannot be started while the system has none left. */
  private static ThreadFactory scarce(AtomicBoolean exhausted) {
    return task ->
        new Thread(task, "scarce") {
          @Override
          public synchronized void start() {
            if (exhausted.get()) {
              throw new OutOfMemoryError("unable to create native thread");
            }
            super.start();
          }
        };
  }

  /** Its count of waiting tasks was one for ever then, and nobody came to run them. */
  @Test
  void anExecutorForWhichTheSystemHasNoThreadRunsItsTasksAllTheSame() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean(true);
    try (PooledThreads threads = new PooledThreads(scarce(exhausted));
        SerialExecutor agent = threads.serial("agent");
        SerialExecutor hub = threads.serial("hub")) {
      CompletableFuture<String> turn = new CompletableFuture<>();
      agent.execute(() -> turn.complete("ran"));
      assertEquals("ran", turn.get(60, TimeUnit.SECONDS));
      CompletableFuture<String> other = new CompletableFuture<>();
      hub.execute(() -> other.complete("ran, too"));
      assertEquals("ran, too", other.get(60, TimeUnit.SECONDS));
      exhausted.set(false);
      CompletableFuture<String> later = new CompletableFuture<>();
      agent.execute(() -> later.complete(Thread.currentThread().getName()));
      assertEquals("scarce", later.get(60, TimeUnit.SECONDS));
    }
  }

  private static WeakReference<ClassLoader> sendFromModule(
      SerialExecutor executor, AtomicReference<Thread> made, CountDownLatch end) throws Exception {
    ClassLoader loader = new ModuleLoader();
    Class<?> type = loader.loadClass(Sender.class.getName());
    assertFalse(type.equals(Sender.class), "it is the module's own");
    CountDownLatch runs = new CountDownLatch(1);
    Runnable task =
        () -> {
          made.set(Thread.currentThread());
          runs.countDown();
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    @SuppressWarnings("unchecked")
    BiConsumer<Executor, Runnable> sender =
        (BiConsumer<Executor, Runnable>) type.getConstructor().newInstance();
    Thread caller = new Thread(() -> sender.accept(executor, task), "module-m");
    caller.setContextClassLoader(loader);
    caller.start();
    caller.join();
    runs.await();
    return new WeakReference<>(loader);
  }

  /** Defines the sender itself, in a protection domain of its own, as a framework does. */
  private static final class ModuleLoader extends SecureClassLoader {

    ModuleLoader() {
      super(PooledThreadsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Sender.class.getName())) {
        return super.loadClass(name, resolve);
      }
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        byte[] bytes = in.readAllBytes();
        CodeSource source = new CodeSource(null, (Certificate[]) null);
        return defineClass(
            name, bytes, 0, bytes.length, new ProtectionDomain(source, null, this, null));
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
