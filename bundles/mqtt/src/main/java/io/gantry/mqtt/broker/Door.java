package io.gantry.mqtt.broker;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.session.Listener;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket that is listened at. Opens as soon as it can, and tries again with growing pauses
 * while the port is taken. Any thread.
 */
public final class Door implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);
  private static final long CLOSE_SECONDS = 2;

  private final ServerConfig.Address address;
  private final ServerBootstrap bootstrap;
  private final Scheduler scheduler;
  private final Executor loop;
  private final AtomicReference<@Nullable Channel> server = new AtomicReference<>();
  private final AtomicReference<@Nullable Cancellable> retry = new AtomicReference<>();
  private volatile @Nullable String problem;
  private volatile boolean closed;

  Door(
      ServerConfig.Address address, ServerBootstrap bootstrap, Scheduler scheduler, Executor loop) {
    this.address = address;
    this.bootstrap = bootstrap;
    this.scheduler = scheduler;
    this.loop = loop;
  }

  /** Begins to listen; returns at once. */
  void open() {
    Optional<String> refusal = address.refusal();
    if (refusal.isPresent()) {
      problem = refusal.get();
      LOG.error("{}", refusal.get());
    } else {
      bind(FIRST_RETRY);
    }
  }

  private void bind(Duration pause) {
    bootstrap
        .bind(address.host(), address.port())
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listening(bound.channel());
              } else {
                tryLater(bound.cause(), pause);
              }
            });
  }

  private void listening(Channel channel) {
    server.set(channel);
    problem = null;
    if (closed) {
      channel.close();
      return;
    }
    LOG.info("{}: listening at {}", address.scheme(), endpoint().orElse("?"));
  }

  private void tryLater(Throwable cause, Duration pause) {
    String found =
        "cannot listen at "
            + address.host()
            + ":"
            + address.port()
            + ": "
            + cause.getMessage()
            + "; stop what uses the port, or set another "
            + address.setting()
            + " in io.gantry.mqtt";
    problem = found;
    LOG.warn("{}: {}; it is tried again in {} s", address.scheme(), found, pause.toSeconds());
    if (!closed) {
      Duration twice = pause.multipliedBy(2);
      Duration next = twice.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : twice;
      retry.set(scheduler.schedule(pause, () -> loop.execute(() -> bindUnlessClosed(next))));
    }
  }

  private void bindUnlessClosed(Duration pause) {
    if (!closed) {
      bind(pause);
    }
  }

  /** What is spoken here: {@code mqtt} or {@code mqtts}. */
  public String scheme() {
    return address.scheme();
  }

  /** Where it is, with the real port; empty while it is not open. */
  public Optional<String> endpoint() {
    Channel channel = server.get();
    if (channel == null || !channel.isActive()) {
      return Optional.empty();
    }
    InetSocketAddress at = (InetSocketAddress) channel.localAddress();
    return Optional.of(Listener.endpoint(address.scheme(), at));
  }

  /** Why it is not open. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Nobody comes in any more; who is in stays. */
  @Override
  public void close() {
    closed = true;
    Cancellable waiting = retry.getAndSet(null);
    if (waiting != null) {
      waiting.cancel();
    }
    Channel channel = server.get();
    if (channel != null) {
      channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }
}
