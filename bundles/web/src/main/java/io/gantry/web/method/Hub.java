package io.gantry.web.method;

import io.gantry.api.module.RequestException;
import io.gantry.spi.method.Methods;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.session.ClientGateway;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What is there of the hub. The services come and go one by one, in any order. Any thread. */
public final class Hub {

  private final AtomicReference<@Nullable ClientGateway> gateway = new AtomicReference<>();
  private final AtomicReference<@Nullable Authenticator> authenticator = new AtomicReference<>();
  private final AtomicReference<@Nullable Methods> methods = new AtomicReference<>();

  /** Has come. */
  public void set(ClientGateway service) {
    gateway.set(service);
  }

  /** Has gone, unless another one has come already. */
  public void unset(ClientGateway service) {
    gateway.compareAndSet(service, null);
  }

  /** Has come. */
  public void set(Authenticator service) {
    authenticator.set(service);
  }

  /** Has gone, unless another one has come already. */
  public void unset(Authenticator service) {
    authenticator.compareAndSet(service, null);
  }

  /** Has come. */
  public void set(Methods service) {
    methods.set(service);
  }

  /** Has gone, unless another one has come already. */
  public void unset(Methods service) {
    methods.compareAndSet(service, null);
  }

  ClientGateway gateway() throws RequestException {
    return present(gateway.get());
  }

  Authenticator authenticator() throws RequestException {
    return present(authenticator.get());
  }

  Methods methods() throws RequestException {
    return present(methods.get());
  }

  private static <T> T present(@Nullable T service) throws RequestException {
    if (service == null) {
      throw new RequestException(503, "the hub is not there now; try again later");
    }
    return service;
  }
}
