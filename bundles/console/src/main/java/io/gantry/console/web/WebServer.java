package io.gantry.console.web;

import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** The web server of the framework, as it describes itself in the service registry. */
public final class WebServer {

  private static final String RUNTIME = "org.osgi.service.servlet.runtime.HttpServiceRuntime";
  private static final String ENDPOINTS = "osgi.http.endpoint";

  private WebServer() {}

  /** Its addresses; empty while it does not listen. */
  public static Optional<List<String>> endpoints(BundleContext context) {
    ServiceReference<?> runtime = context.getServiceReference(RUNTIME);
    return runtime != null && runtime.getProperty(ENDPOINTS) instanceof String[] endpoints
        ? Optional.of(List.of(endpoints))
        : Optional.empty();
  }
}
