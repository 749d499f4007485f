package io.gantry.module.client.whiteboard;

import io.gantry.module.client.traffic.Calls;
import org.osgi.framework.ServiceReference;

/**
 * A service of a module.
 *
 * @param generation of the module that registered it
 * @param reference equal to no other registration's, even if the service is the same
 * @param service what the module registered
 * @param calls those of it that are under way
 */
public record Candidate<S>(long generation, ServiceReference<S> reference, S service, Calls calls) {

  /** A call of a service, which may end in any way. */
  @FunctionalInterface
  public interface ServiceCall<S, T> {
    /** Makes it. */
    T on(S service) throws Exception;
  }

  /** Calls the module with its own class loader as the thread's, as it would expect. */
  public <T> T call(ServiceCall<S, T> call) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(service.getClass().getClassLoader());
    try {
      return call.on(service);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
