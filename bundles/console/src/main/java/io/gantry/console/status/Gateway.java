package io.gantry.console.status;

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

/**
 * The services that are there at this moment. Any of them may be missing: the console has to answer
 * when something is wrong. Any thread.
 */
public interface Gateway {

  /** The agent. */
  Optional<Deployments> deployments();

  /** Routing. */
  Optional<RouteTable> routes();

  /** What could not be delivered. */
  Optional<DeadLetters> deadLetters();

  /** What reached {@code $upstream}. */
  Optional<EventLog> events();

  /** Losses. */
  Optional<Drops> drops();

  /** What monitoring reads. */
  Optional<Metrics> metrics();

  /** The store. */
  Optional<QueueStore> store();

  /** The hub. */
  Optional<ClientGateway> hub();

  /** Who may connect. */
  Optional<IdentityRegistry> identities();

  /** What this gateway shows to its clients. */
  Optional<Certificates> certificates();

  /** Desired and reported properties. */
  Optional<Twins> twins();

  /** Direct methods. */
  Optional<Methods> methods();

  /** Cloud-to-device messages. */
  Optional<DeviceMessages> deviceMessages();

  /** What modules have logged. */
  Optional<ModuleLogs> logs();

  /** Where modules come from. */
  Optional<RepositoryRegistry> repositories();

  /** Modules that somebody put into a folder; not there unless that is switched on. */
  Optional<DropIns> dropIns();

  /** Whether bundles of the runtime are still being started: more may come of all this. */
  boolean isStarting();

  /** The server sockets of the runtime. */
  List<Listener> listeners();

  /** Why parts of the runtime could not be put together: sentences; waiting does not help. */
  List<String> failures();

  /** The Web Console. */
  WebAddress web();

  /**
   * Where the Web Console is.
   *
   * @param url its address; empty when it is not there
   * @param problem why not; empty when it is there, or may still come
   */
  record WebAddress(Optional<String> url, Optional<String> problem) {}
}
