package io.gantry.console.management;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.status.Readiness;
import io.gantry.console.status.StatusJson;
import io.gantry.console.status.StatusText;
import io.gantry.spi.metrics.Metrics;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of the management API. Each request has a thread of its own; nothing here has state of
 * its own besides those who follow something.
 */
final class Api implements HttpHandler {

  private static final Logger LOG = LoggerFactory.getLogger(Api.class);
  private static final int AT_ONCE = 48;

  private final Gateway gateway;
  private final ProcessFacts process;
  private final Guard guard;
  private final Map<String, String> own;
  private final Runnable stop;
  private final long closeMillis;
  private final EventsCall events;
  private final Followers followers;
  private final MethodsCall methods;
  private final Map<String, Route> routes;
  private final Semaphore places = new Semaphore(AT_ONCE);

  /**
   * @param own the address of this API, as {@code status} shows it
   * @param stop begins to stop the framework and returns at once
   * @param closeMillis how long the end waits for what is being answered
   */
  Api(
      Gateway gateway,
      ProcessFacts process,
      Guard guard,
      Map<String, String> own,
      EventsCall events,
      Followers followers,
      Runnable stop,
      long closeMillis) {
    this.gateway = gateway;
    this.process = process;
    this.guard = guard;
    this.own = Map.copyOf(own);
    this.events = events;
    this.followers = followers;
    this.stop = stop;
    this.closeMillis = closeMillis;
    this.methods = new MethodsCall(gateway);
    RoutesCall routing = new RoutesCall(gateway);
    DeadLettersCall deadLetters = new DeadLettersCall(gateway, process::now);
    IdentitiesCall identities = new IdentitiesCall(gateway, process::now);
    CertificateCall certificate = new CertificateCall(gateway);
    BackEndCall backEnd = new BackEndCall(gateway, process::now);
    DeploymentsCall deployments = new DeploymentsCall(gateway, followers);
    LogsCall logs = new LogsCall(gateway, process::now, followers);
    RepositoriesCall repositories = new RepositoriesCall(gateway);
    this.routes =
        Map.ofEntries(
            Map.entry("/v1/ready", new Route("GET", this::ready)),
            Map.entry("/v1/status", new Route("GET", this::status)),
            Map.entry("/v1/modules", new Route("GET", this::modules)),
            Map.entry("/v1/events", new Route("GET", events::handle)),
            Map.entry("/v1/version", new Route("GET", this::version)),
            Map.entry("/v1/deployments", new Route("POST", deployments::deploy)),
            Map.entry("/v1/deployments/dry-run", new Route("POST", deployments::dryRun)),
            Map.entry("/v1/deployments/undo", new Route("POST", deployments::undo)),
            Map.entry("/v1/deployments/cancel", new Route("POST", deployments::cancel)),
            Map.entry("/v1/deployments/history", new Route("GET", deployments::history)),
            Map.entry("/v1/deployments/progress", new Route("GET", deployments::progress)),
            Map.entry("/v1/modules/restart", new Route("POST", deployments::restart)),
            Map.entry("/v1/logs", new Route("GET", logs::handle)),
            Map.entry("/v1/repositories", new Route("GET", repositories::list)),
            Map.entry("/v1/repositories/add", new Route("POST", repositories::add)),
            Map.entry("/v1/repositories/remove", new Route("POST", repositories::remove)),
            Map.entry("/v1/repositories/collect", new Route("POST", repositories::collect)),
            Map.entry("/v1/routes/explain", new Route("POST", routing::explain)),
            Map.entry("/v1/routes/recent", new Route("GET", routing::recent)),
            Map.entry("/v1/queues/purge", new Route("POST", routing::purge)),
            Map.entry("/v1/deadletters", new Route("GET", deadLetters::list)),
            Map.entry("/v1/deadletters/replay", new Route("POST", deadLetters::replay)),
            Map.entry("/v1/deadletters/purge", new Route("POST", deadLetters::purge)),
            Map.entry("/v1/identities", new Route("GET", identities::list)),
            Map.entry("/v1/identities/create", new Route("POST", identities::create)),
            Map.entry("/v1/identities/show", new Route("GET", identities::show)),
            Map.entry("/v1/identities/delete", new Route("POST", identities::delete)),
            Map.entry("/v1/identities/enable", new Route("POST", identities::enable)),
            Map.entry("/v1/identities/disable", new Route("POST", identities::disable)),
            Map.entry("/v1/identities/regenerate-key", new Route("POST", identities::regenerate)),
            Map.entry("/v1/identities/token", new Route("POST", identities::token)),
            Map.entry("/v1/certificate", new Route("GET", certificate::show)),
            Map.entry("/v1/certificate/authority", new Route("GET", certificate::authority)),
            Map.entry("/v1/certificate/renew", new Route("POST", certificate::renew)),
            Map.entry("/v1/twins", new Route("GET", backEnd::twin)),
            Map.entry("/v1/twins/update", new Route("POST", backEnd::updateTwin)),
            Map.entry("/v1/methods/invoke", new Route("POST", methods::invoke)),
            Map.entry("/v1/c2d/send", new Route("POST", backEnd::send)),
            Map.entry(Guard.METRICS, new Route("GET", this::metrics)),
            Map.entry("/v1/stop", new Route("POST", this::stop)));
  }

  private record Route(String method, Action action) {}

  @FunctionalInterface
  private interface Action {
    void answer(Call call) throws IOException, ApiException;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    boolean admitted = places.tryAcquire();
    try (exchange) {
      Call call = new Call(exchange);
      if (admitted) {
        answer(call);
      } else {
        call.error(503, AT_ONCE + " requests are being answered already; try later");
      }
    } finally {
      if (admitted) {
        places.release();
      }
    }
  }

  private void answer(Call call) throws IOException {
    try {
      guard.check(call);
      route(call);
    } catch (ApiException e) {
      call.error(e.status(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", call.method(), call.path(), e);
      call.error(500, "internal error, see the log: " + e.getClass().getSimpleName());
    }
  }

  private void route(Call call) throws IOException, ApiException {
    Route route = routes.get(call.path());
    if (route == null) {
      throw new ApiException(404, "there is no " + call.path());
    }
    if (!route.method().equals(call.method())) {
      call.allow(route.method());
      throw new ApiException(405, call.path() + ": expected " + route.method());
    }
    route.action().answer(call);
  }

  private void ready(Call call) throws IOException {
    Readiness readiness = Readiness.of(gateway, process.now());
    call.answer(
        readiness.ready() ? 200 : 503,
        StatusJson.readiness(readiness),
        StatusText.readiness(readiness));
  }

  private void status(Call call) throws IOException {
    if (call.wantsText()) {
      call.answer(200, "", StatusText.status(gateway, process, own));
    } else {
      call.answer(200, StatusJson.status(gateway, process, own), "");
    }
  }

  private void modules(Call call) throws IOException {
    call.answer(200, StatusJson.modules(gateway), StatusText.modules(gateway, process.now()));
  }

  private void version(Call call) throws IOException {
    call.answer(200, StatusJson.version(process), process.version() + "\n");
  }

  private void metrics(Call call) throws IOException, ApiException {
    Metrics metrics =
        gateway.metrics().orElseThrow(() -> new ApiException(503, "the metrics are not there now"));
    Map<String, String> common = new LinkedHashMap<>();
    gateway
        .hub()
        .ifPresent(
            hub -> {
              common.put("iothub", hub.hubName());
              common.put("edge_device", hub.deviceId());
            });
    common.put("instance_number", process.instance());
    StringBuilder text = new StringBuilder();
    metrics.write(common, text);
    call.exposition(text.toString());
  }

  private void stop(Call call) throws IOException {
    call.answer(202, "{\"pid\":" + process.pid() + "}\n", "stopping\n");
    LOG.info("stopping, as asked through the management API");
    stop.run();
  }

  /** Ends what goes on and lets what is being answered be answered, but not for long. */
  void close() {
    events.close();
    followers.close();
    methods.close();
    try {
      if (places.tryAcquire(AT_ONCE, closeMillis, TimeUnit.MILLISECONDS)) {
        // Whoever closes once more need not wait.
        places.release(AT_ONCE);
      } else {
        LOG.info("{} requests are cut off", AT_ONCE - places.availablePermits());
      }
    } catch (InterruptedException e) {
      LOG.info("interrupted while requests were being answered", e);
    }
  }
}
