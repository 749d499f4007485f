package io.gantry.itest.framework;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ops4j.pax.exam.util.Injector;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** The inner half of {@link InFramework}: loaded by the test's bundle, called by Pax Exam. */
public final class InContainer {

  private static final Map<String, Object> TESTS = new ConcurrentHashMap<>();

  /** For Pax Exam. */
  public InContainer() {}

  /**
   * Calls one method of a test.
   *
   * @param id of the test; calls of the same one meet the same instance
   * @param className of the test; empty lets the instance go
   */
  public void run(
      BundleContext context,
      String id,
      String className,
      String method,
      String[] types,
      Object[] arguments)
      throws ReflectiveOperationException {
    if (className.isEmpty()) {
      TESTS.remove(id);
      return;
    }
    Object test = TESTS.get(id);
    if (test == null) {
      test = create(context, className);
      TESTS.put(id, test);
    }
    Method found = find(test.getClass(), method, types);
    found.setAccessible(true);
    found.invoke(test, arguments);
  }

  private static Object create(BundleContext context, String className)
      throws ReflectiveOperationException {
    var constructor = context.getBundle().loadClass(className).getDeclaredConstructor();
    constructor.setAccessible(true);
    Object test = constructor.newInstance();
    ServiceReference<Injector> injector = context.getServiceReference(Injector.class);
    context.getService(injector).injectFields(test);
    context.ungetService(injector);
    return test;
  }

  private static Method find(Class<?> type, String name, String[] types)
      throws NoSuchMethodException {
    for (Class<?> owner = type; owner != null; owner = owner.getSuperclass()) {
      for (Method method : owner.getDeclaredMethods()) {
        String[] found =
            Arrays.stream(method.getParameterTypes()).map(Class::getName).toArray(String[]::new);
        if (method.getName().equals(name) && Arrays.equals(found, types)) {
          return method;
        }
      }
    }
    throw new NoSuchMethodException(type.getName() + "." + name + Arrays.toString(types));
  }
}
