package io.gantry.web;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.method.Methods;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.Listener;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.web.server.ServerConfig;
import io.gantry.web.server.WebServer;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Listens for HTTPS, with or without a hub and protocols behind it. */
@Component(
    configurationPid = "io.gantry.web",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Listener.class,
    immediate = true)
public final class WebComponent implements Listener {

  /** What an operator may set. */
  @interface Config {
    /** Everything is encrypted here, and nobody gets in without proof. */
    String host() default "0.0.0.0";

    /** SDKs know no other; 0 for any free port. */
    int port() default 443;

    /** At a time. */
    int maxConnections() default 1000;

    /** Of them from one address. */
    int maxConnectionsPerAddress() default 500;
  }

  private final WebServer server;

  @Activate
  public WebComponent(
      Config config,
      @Reference Certificates certificates,
      @Reference Threads threads,
      @Reference Scheduler scheduler) {
    ServerConfig checked =
        new ServerConfig(
            config.host(),
            config.port(),
            config.maxConnections(),
            config.maxConnectionsPerAddress());
    server = new WebServer(checked, certificates, threads, scheduler);
  }

  /** Not before the services that are there have been set: the first client finds them. */
  @Activate
  void start() {
    server.start();
  }

  @Deactivate
  void deactivate() {
    server.close();
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setGateway(ClientGateway gateway) {
    server.hub().set(gateway);
  }

  void unsetGateway(ClientGateway gateway) {
    server.hub().unset(gateway);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setAuthenticator(Authenticator authenticator) {
    server.hub().set(authenticator);
  }

  void unsetAuthenticator(Authenticator authenticator) {
    server.hub().unset(authenticator);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setMethods(Methods methods) {
    server.hub().set(methods);
  }

  void unsetMethods(Methods methods) {
    server.hub().unset(methods);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void addProtocol(StreamProtocol protocol) {
    server.add(protocol);
  }

  void removeProtocol(StreamProtocol protocol) {
    server.remove(protocol);
  }

  @Override
  public String protocol() {
    return "https";
  }

  @Override
  public Optional<String> endpoint() {
    return server.endpoint();
  }

  @Override
  public Optional<String> problem() {
    return server.problem();
  }

  @Override
  public int connections() {
    return server.connections();
  }

  /**
   * Not everybody may bind port 443; devices that use the others have to be served all the same.
   */
  @Override
  public boolean required() {
    return false;
  }
}
