package io.gantry.console;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.gantry.console.component.ComponentFailures;
import io.gantry.console.status.Gateway;
import io.gantry.console.web.WebAddressFinder;
import io.gantry.console.web.WebServer;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.method.Methods;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.routing.DeadLetters;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.Listener;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.twin.Twins;
import io.gantry.spi.upstream.EventLog;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * Gathers the services that are there. They come and go in any order while the console stays, hence
 * fields instead of a constructor: the one place where the house rule gives way.
 */
@Component(service = Gateway.class, configurationPid = HttpConfig.PID)
public final class GatewayComponent implements Gateway {

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Deployments deployments;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable RouteTable routes;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable DeadLetters deadLetters;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable EventLog events;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Drops drops;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Metrics metrics;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable QueueStore store;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable ClientGateway hub;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable IdentityRegistry identities;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Certificates certificates;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Twins twins;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable Methods methods;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable DeviceMessages deviceMessages;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable ModuleLogs logs;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable RepositoryRegistry repositories;

  @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
  private volatile @Nullable DropIns dropIns;

  @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
  private volatile List<Listener> listeners = List.of();

  private final BundleContext context;
  private final ServiceComponentRuntime components;
  private final WebAddressFinder web;

  /** Made by Declarative Services. */
  @Activate
  public GatewayComponent(
      BundleContext context, HttpConfig config, @Reference ServiceComponentRuntime components) {
    this.context = context;
    this.components = components;
    this.web =
        new WebAddressFinder(
            () -> WebServer.endpoints(context),
            config.org_apache_felix_http_host(),
            config.org_osgi_service_http_port());
  }

  @Override
  public Optional<Deployments> deployments() {
    return Optional.ofNullable(deployments);
  }

  @Override
  public Optional<RouteTable> routes() {
    return Optional.ofNullable(routes);
  }

  @Override
  public Optional<DeadLetters> deadLetters() {
    return Optional.ofNullable(deadLetters);
  }

  @Override
  public Optional<EventLog> events() {
    return Optional.ofNullable(events);
  }

  @Override
  public Optional<Drops> drops() {
    return Optional.ofNullable(drops);
  }

  @Override
  public Optional<Metrics> metrics() {
    return Optional.ofNullable(metrics);
  }

  @Override
  public Optional<QueueStore> store() {
    return Optional.ofNullable(store);
  }

  @Override
  public Optional<ClientGateway> hub() {
    return Optional.ofNullable(hub);
  }

  @Override
  public Optional<IdentityRegistry> identities() {
    return Optional.ofNullable(identities);
  }

  @Override
  public Optional<Certificates> certificates() {
    return Optional.ofNullable(certificates);
  }

  @Override
  public Optional<Twins> twins() {
    return Optional.ofNullable(twins);
  }

  @Override
  public Optional<Methods> methods() {
    return Optional.ofNullable(methods);
  }

  @Override
  public Optional<DeviceMessages> deviceMessages() {
    return Optional.ofNullable(deviceMessages);
  }

  @Override
  public Optional<ModuleLogs> logs() {
    return Optional.ofNullable(logs);
  }

  @Override
  public Optional<RepositoryRegistry> repositories() {
    return Optional.ofNullable(repositories);
  }

  @Override
  public Optional<DropIns> dropIns() {
    return Optional.ofNullable(dropIns);
  }

  @Override
  public boolean isStarting() {
    return context.getBundle(0).getState() == Bundle.STARTING;
  }

  @Override
  public List<Listener> listeners() {
    return listeners.stream().filter(Listener::wanted).toList();
  }

  @Override
  public List<String> failures() {
    return new ComponentFailures(components, context.getBundles()).find();
  }

  @Override
  public WebAddress web() {
    return web.find();
  }
}
