package io.gantry.module.client.connection;

import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ConnectionRefusedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one module to the hub, shared by all its bundles. Opened by the first message,
 * and again by the next one when the hub has closed it. Any thread.
 */
public final class ModuleConnection {

  private final String module;
  private final Supplier<@Nullable ClientGateway> gateway;
  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();

  /**
   * @param module the module's name
   * @param gateway gives the hub; null while it is not there
   */
  public ModuleConnection(String module, Supplier<@Nullable ClientGateway> gateway) {
    this.module = module;
    this.gateway = gateway;
  }

  /** The module's name. */
  public String module() {
    return module;
  }

  /**
   * The open connection, or a new one. Of two threads that open at once the hub keeps the second
   * and closes the first; whoever got the first has its message refused as retryable, so both use
   * the one that won.
   */
  public ClientConnection open() throws ConnectionRefusedException {
    Link open = link.get();
    if (open != null && open.isOpen()) {
      return open.connection();
    }
    ClientGateway hub = gateway.get();
    if (hub == null) {
      throw new ConnectionRefusedException("the hub is not there", true);
    }
    Link fresh = new Link();
    if (!link.compareAndSet(open, fresh)) {
      Link winner = link.get();
      return winner == null ? open() : winner.connection();
    }
    fresh.open(hub, new ModuleIdentity(hub.deviceId(), module));
    return fresh.connection();
  }

  void close() {
    Link open = link.getAndSet(null);
    if (open != null) {
      open.end();
    }
  }
}
