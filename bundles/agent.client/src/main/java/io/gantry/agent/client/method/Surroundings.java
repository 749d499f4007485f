package io.gantry.agent.client.method;

import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.session.ClientGateway;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The services that come and go. Any thread. */
public final class Surroundings {

  private final AtomicReference<@Nullable ClientGateway> hub = new AtomicReference<>();
  private final AtomicReference<@Nullable Deployments> agent = new AtomicReference<>();
  private final AtomicReference<@Nullable ModuleLogs> logs = new AtomicReference<>();

  /** The hub has come. */
  public void setHub(ClientGateway present) {
    hub.set(present);
  }

  /** The hub has gone, unless another one is here already. */
  public void hubGone(ClientGateway former) {
    hub.compareAndSet(former, null);
  }

  /** The agent has come. */
  public void setAgent(Deployments present) {
    agent.set(present);
  }

  /** The agent has gone, unless another one is here already. */
  public void agentGone(Deployments former) {
    agent.compareAndSet(former, null);
  }

  /** The logs have come. */
  public void setLogs(ModuleLogs present) {
    logs.set(present);
  }

  /** The logs have gone, unless others are here already. */
  public void logsGone(ModuleLogs former) {
    logs.compareAndSet(former, null);
  }

  ClientGateway hub() {
    return there(hub.get(), "hub");
  }

  Deployments agent() {
    return there(agent.get(), "agent");
  }

  ModuleLogs logs() {
    return there(logs.get(), "log of modules");
  }

  private static <T> T there(@Nullable T service, String what) {
    if (service == null) {
      throw new IllegalStateException("The " + what + " is not there now");
    }
    return service;
  }
}
