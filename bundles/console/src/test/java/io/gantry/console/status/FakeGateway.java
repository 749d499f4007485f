package io.gantry.console.status;

import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway whose services a test puts in and takes out. */
public final class FakeGateway implements Gateway {

  public volatile Optional<Deployments> deployments = Optional.empty();
  public volatile Optional<RouteTable> routes = Optional.empty();
  public volatile Optional<DeadLetters> deadLetters = Optional.empty();
  public volatile Optional<EventLog> events = Optional.empty();
  public volatile Optional<Drops> drops = Optional.empty();
  public volatile Optional<Metrics> metrics = Optional.empty();
  public volatile Optional<ClientGateway> hub = Optional.empty();
  public volatile Optional<IdentityRegistry> identities = Optional.empty();
  public volatile Optional<Certificates> certificates = Optional.empty();
  public volatile Optional<Twins> twins = Optional.empty();
  public volatile Optional<Methods> methods = Optional.empty();
  public volatile Optional<DeviceMessages> deviceMessages = Optional.empty();
  public volatile Optional<ModuleLogs> logs = Optional.empty();
  public volatile Optional<RepositoryRegistry> repositories = Optional.empty();
  public volatile Optional<DropIns> dropIns = Optional.empty();
  public volatile WebAddress web = new WebAddress(Optional.empty(), Optional.empty());
  public final List<Listener> listeners = new ArrayList<>();
  public final List<String> failures = new ArrayList<>();
  public volatile boolean starting;

  @Override
  public Optional<Deployments> deployments() {
    return deployments;
  }

  @Override
  public Optional<RouteTable> routes() {
    return routes;
  }

  @Override
  public Optional<DeadLetters> deadLetters() {
    return deadLetters;
  }

  @Override
  public Optional<EventLog> events() {
    return events;
  }

  @Override
  public Optional<Drops> drops() {
    return drops;
  }

  @Override
  public Optional<Metrics> metrics() {
    return metrics;
  }

  @Override
  public Optional<QueueStore> store() {
    return Optional.empty();
  }

  @Override
  public Optional<ClientGateway> hub() {
    return hub;
  }

  @Override
  public Optional<IdentityRegistry> identities() {
    return identities;
  }

  @Override
  public Optional<Certificates> certificates() {
    return certificates;
  }

  @Override
  public Optional<Twins> twins() {
    return twins;
  }

  @Override
  public Optional<Methods> methods() {
    return methods;
  }

  @Override
  public Optional<DeviceMessages> deviceMessages() {
    return deviceMessages;
  }

  @Override
  public Optional<ModuleLogs> logs() {
    return logs;
  }

  @Override
  public Optional<RepositoryRegistry> repositories() {
    return repositories;
  }

  @Override
  public Optional<DropIns> dropIns() {
    return dropIns;
  }

  @Override
  public List<Listener> listeners() {
    return listeners;
  }

  @Override
  public boolean isStarting() {
    return starting;
  }

  @Override
  public List<String> failures() {
    return failures;
  }

  @Override
  public WebAddress web() {
    return web;
  }

  /** A server socket in the given state. */
  public static Listener listener(String protocol, Optional<String> at, Optional<String> problem) {
    return listener(protocol, at, problem, true);
  }

  /** A server socket that cannot listen, and that the gateway can do without. */
  public static Listener optional(String protocol, String problem) {
    return listener(protocol, Optional.empty(), Optional.of(problem), false);
  }

  private static Listener listener(
      String protocol, Optional<String> at, Optional<String> problem, boolean required) {
    return new Listener() {
      @Override
      public String protocol() {
        return protocol;
      }

      @Override
      public Optional<String> endpoint() {
        return at;
      }

      @Override
      public Optional<String> problem() {
        return problem;
      }

      @Override
      public int connections() {
        return 3;
      }

      @Override
      public boolean required() {
        return required;
      }
    };
  }

  /** An agent that answers as it is told and remembers what it was given. */
  public static final class FakeAgent implements Deployments {

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    public final List<String> manifests = new ArrayList<>();
    public volatile List<ModuleReport> modules = List.of();
    public final List<String> restarted = new ArrayList<>();
    public CompletableFuture<Void> restart = CompletableFuture.completedFuture(null);
    public List<DeploymentRecord> history = List.of();
    public boolean pending;
    public DryRun dryRun =
        new DryRun(200, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    public String reported = "{\"lastDesiredStatus\":{\"code\":200}}";
    public CompletableFuture<DeployResult> result =
        CompletableFuture.completedFuture(new DeployResult(200, 1, List.of(), List.of()));

    @Override
    public CompletionStage<DeployResult> deploy(String manifest) {
      manifests.add(manifest);
      return result;
    }

    @Override
    public CompletionStage<DryRun> dryRun(String manifest) {
      manifests.add(manifest);
      return CompletableFuture.completedFuture(dryRun);
    }

    @Override
    public CompletionStage<DeployResult> undo() {
      return result;
    }

    @Override
    public CompletionStage<Boolean> cancel() {
      return CompletableFuture.completedFuture(pending);
    }

    @Override
    public List<DeploymentRecord> history() {
      return history;
    }

    @Override
    public CompletionStage<Void> restart(String module) {
      restarted.add(module);
      return restart;
    }

    @Override
    public AutoCloseable listen(Runnable changed) {
      listeners.add(changed);
      return () -> listeners.remove(changed);
    }

    /** Tells those who listen. */
    public void changed() {
      listeners.forEach(Runnable::run);
    }

    /** How many listen. */
    public int listeners() {
      return listeners.size();
    }

    @Override
    public List<ModuleReport> modules() {
      return modules;
    }

    @Override
    public String reported() {
      return reported;
    }
  }
}
