package io.gantry.module.log.entry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleReference;

/** A class loader of a bundle, with one class in it that calls. */
public final class CallingBundle extends ClassLoader implements BundleReference {

  private static final AtomicLong IDS = new AtomicLong(1000);

  private final Bundle bundle;

  public CallingBundle(String location, String symbolicName) {
    super(CallingBundle.class.getClassLoader());
    Map<String, Object> answers =
        Map.of(
            "getBundleId",
            IDS.incrementAndGet(),
            "getLocation",
            location,
            "getSymbolicName",
            symbolicName);
    bundle =
        (Bundle)
            Proxy.newProxyInstance(
                Bundle.class.getClassLoader(),
                new Class<?>[] {Bundle.class},
                (self, method, arguments) ->
                    method.getName().equals("equals")
                        ? (Object) (self == arguments[0])
                        : answers.get(method.getName()));
  }

  /** Calls from within the bundle. */
  @SuppressWarnings("unchecked")
  public void call(Runnable task) {
    try {
      Object relay = loadClass(Relay.class.getName()).getConstructor().newInstance();
      ((Consumer<Runnable>) relay).accept(task);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.equals(Relay.class.getName())) {
      return super.loadClass(name, resolve);
    }
    Class<?> loaded = findLoadedClass(name);
    if (loaded != null) {
      return loaded;
    }
    try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      byte[] bytes = file.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Bundle getBundle() {
    return bundle;
  }
}
