package io.gantry.console.management;

import io.gantry.console.status.DeployProgress;
import io.gantry.console.status.DeploymentFacts;
import io.gantry.console.status.DeploymentJson;
import io.gantry.console.status.DryRunText;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.StatusJson;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import java.io.IOException;
import java.util.List;

/** {@code /v1/deployments} and {@code /v1/modules/restart}: what the agent is told to do. */
final class DeploymentsCall {

  private static final int LONGEST_MANIFEST = 1024 * 1024;

  private final Gateway gateway;
  private final Followers followers;

  DeploymentsCall(Gateway gateway, Followers followers) {
    this.gateway = gateway;
    this.followers = followers;
  }

  private Deployments agent() throws ApiException {
    return gateway
        .deployments()
        .orElseThrow(() -> new ApiException(503, "the agent is not there: see status"));
  }

  /** The manifest in the body becomes the desired state. */
  void deploy(Call call) throws IOException, ApiException {
    String manifest = call.body(LONGEST_MANIFEST);
    Deployments agent = agent();
    answer(call, agent, Outcome.of(agent.deploy(manifest)));
  }

  /** The status follows the code of the deployment; 202 when something has to be tried again. */
  private static void answer(Call call, Deployments agent, DeployResult result) throws IOException {
    call.answer(
        result.accepted() && result.code() != 200 ? 202 : result.code(),
        StatusJson.deployed(result),
        DeploymentFacts.outcome(result, agent.history()));
  }

  /** What it would do; an answer is given whatever that is. */
  void dryRun(Call call) throws IOException, ApiException {
    String manifest = call.body(LONGEST_MANIFEST);
    DryRun run = Outcome.of(agent().dryRun(manifest));
    if (run.code() != 200) {
      call.markFailed();
    }
    call.answer(200, DeploymentJson.dryRun(run), DryRunText.of(run));
  }

  /** Back to the one before. */
  void undo(Call call) throws IOException, ApiException {
    Deployments agent = agent();
    answer(call, agent, Outcome.of(agent.undo()));
  }

  /** Gives up the one that is under way. */
  void cancel(Call call) throws IOException, ApiException {
    if (!Outcome.of(agent().cancel())) {
      throw new ApiException(409, "there is no deployment under way that could be cancelled");
    }
    call.answer(200, "{\"cancelled\":true}\n", "the deployment is cancelled\n");
  }

  /** Those that are remembered. */
  void history(Call call) throws IOException, ApiException {
    List<DeploymentRecord> history = agent().history();
    call.answer(
        200, DeploymentJson.history(history), DeploymentFacts.table(history, Moments.zone(call)));
  }

  /**
   * What changes from now on, in text, for somebody who waits for a deployment: a line for each
   * change or, with {@code summary=true}, all that has changed in a line whenever it does.
   */
  void progress(Call call) throws IOException, ApiException {
    Deployments agent = agent();
    boolean summary = call.parameter("summary").orElse("false").equals("true");
    DeployProgress progress = new DeployProgress(agent);
    followers.answer(
        call, "text/plain; charset=utf-8", one -> follow(one, agent, progress, summary));
  }

  private void follow(
      Followers.Follower follower, Deployments agent, DeployProgress progress, boolean summary)
      throws IOException, InterruptedException {
    AutoCloseable registration = agent.listen(follower::wake);
    try {
      while (follower.open() && gateway.deployments().filter(now -> now == agent).isPresent()) {
        List<String> changes = progress.changes();
        if (!summary) {
          for (String change : changes) {
            follower.line(change);
          }
        } else if (!changes.isEmpty()) {
          follower.line(progress.summary());
        }
        follower.await();
      }
    } finally {
      end(registration);
    }
  }

  private static void end(AutoCloseable registration) throws IOException {
    try {
      registration.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the agent did not take its listener back", e);
    }
  }

  /** Stops and starts the module that {@code module} names. */
  void restart(Call call) throws IOException, ApiException {
    String module = call.required("module");
    Outcome.of(agent().restart(module));
    call.answer(200, "{\"restarted\":true}\n", "restarted " + module + "\n");
  }
}
