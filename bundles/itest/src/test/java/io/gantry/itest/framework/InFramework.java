package io.gantry.itest.framework;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.TestContainerException;

/**
 * Runs the methods of a test class inside the framework: {@code @ExtendWith(InFramework.class)}.
 *
 * <p>JUnit goes on outside. Each call of a test, {@code @BeforeEach} or {@code @AfterEach} method
 * is skipped there and made inside instead, on a twin of the test instance that the test's own
 * bundle has loaded; its {@code @Inject} fields hold services. Parameterized and repeated tests
 * work, with arguments of {@code java.*} types. {@code @BeforeAll} stays outside, {@code @Nested}
 * is not supported.
 *
 * <p>All classes of a test run share one framework, as they would share a gateway.
 */
public final class InFramework
    implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, InvocationInterceptor {

  private static final Namespace NAMESPACE = Namespace.create(InFramework.class);

  private static SharedFramework framework(ExtensionContext context) {
    return context
        .getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, NAMESPACE)
        .getOrComputeIfAbsent(
            SharedFramework.class, key -> SharedFramework.start(), SharedFramework.class);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    framework(context).installProbe();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    framework(context).uninstallProbe();
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    callInside(invocation, method, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    callInside(invocation, method, context);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    callInside(invocation, method, context);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    callInside(invocation, method, context);
  }

  private static void callInside(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    invocation.skip();
    String[] types =
        Arrays.stream(method.getExecutable().getParameterTypes())
            .map(Class::getName)
            .toArray(String[]::new);
    call(
        context,
        context.getUniqueId(),
        context.getRequiredTestClass().getName(),
        method.getExecutable().getName(),
        types,
        method.getArguments().toArray());
  }

  /** Lets the twin go. */
  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    try {
      call(context, context.getUniqueId(), "", "", new String[0], new Object[0]);
    } catch (Exception e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void call(ExtensionContext context, Object... arguments) throws Throwable {
    try {
      framework(context).call(arguments);
    } catch (TestContainerException e) {
      throw inner(e);
    }
  }

  /** The test's own failure; its class is ours, for JUnit's packages come from outside. */
  private static Throwable inner(Throwable wrapped) {
    Throwable error = wrapped;
    while ((error instanceof TestContainerException || error instanceof InvocationTargetException)
        && error.getCause() != null) {
      error = error.getCause();
    }
    return error;
  }
}
