package io.gantry.mqtt.broker;

import io.gantry.api.message.Message;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.TopicRules;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.store.TableStore;
import io.moquette.broker.MoquetteWiring;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MQTT server: one event loop for all sockets and sessions. Listens as soon as it can, and
 * tries again with growing pauses while the port is taken. Any thread.
 */
public final class MqttServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MqttServer.class);
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(60);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);
  private static final long CLOSE_SECONDS = 2;
  private static final int LOW_WATER = 64 * 1024;
  private static final int HIGH_WATER = 256 * 1024;
  private static final int MAX_CLIENT_ID = 1024;

  private final ServerConfig config;
  private final Scheduler scheduler;
  private final AtomicReference<@Nullable ClientGateway> gateway = new AtomicReference<>();
  private final NioEventLoopGroup group;
  private final EventLoop loop;
  private final ChannelGroup channels;
  private final Broker broker;
  private final MoquetteWiring wiring;
  private final PooledByteBufAllocator allocator = smallAllocator();
  private final AtomicReference<@Nullable Channel> server = new AtomicReference<>();
  private final AtomicReference<@Nullable Cancellable> retry = new AtomicReference<>();
  private volatile @Nullable String problem;
  private volatile boolean closed;

  public MqttServer(
      ServerConfig config,
      TableStore tables,
      Threads threads,
      Scheduler scheduler,
      InstantSource time,
      Drops drops) {
    this.config = config;
    this.scheduler = scheduler;
    group = new NioEventLoopGroup(1, threads.factory("mqtt"));
    loop = group.next();
    channels = new DefaultChannelGroup(loop);
    broker = new Broker(gateway, drops);
    Clock clock = time.withZone(ZoneOffset.UTC);
    Sessions sessions =
        new Sessions(
            tables.table("mqtt-sessions"),
            loop,
            config.backlog(),
            broker,
            drops,
            clock,
            config.sessionExpirySeconds());
    Retained retained = new Retained(tables.table("mqtt-retained"), loop, drops);
    wiring =
        new MoquetteWiring(
            loop,
            "mqtt",
            clock,
            config.sessionExpirySeconds(),
            sessions,
            sessions,
            sessions,
            retained);
    broker.start(loop, wiring, sessions, retained);
  }

  /** One arena of small chunks: a gateway has few clients and little memory. */
  private static PooledByteBufAllocator smallAllocator() {
    boolean direct = true;
    return new PooledByteBufAllocator(direct, 0, 1, 8192, 5, 64, 16, false);
  }

  /** Begins to listen; returns at once. */
  public void start() {
    Optional<String> refusal = config.refusal();
    if (refusal.isPresent()) {
      problem = refusal.get();
      LOG.error("{}", refusal.get());
      return;
    }
    bind(FIRST_RETRY);
  }

  private void bind(Duration pause) {
    new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, 128)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.ALLOCATOR, allocator)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
        .childHandler(new Pipeline())
        .bind(config.host(), config.port())
        .addListener(
            (io.netty.channel.ChannelFuture bound) -> {
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
    LOG.info("MQTT: listening at {}", endpoint().orElse("?"));
  }

  private void tryLater(Throwable cause, Duration pause) {
    String found =
        "cannot listen at "
            + config.host()
            + ":"
            + config.port()
            + ": "
            + cause.getMessage()
            + "; stop what uses the port, or set another port in io.gantry.mqtt";
    problem = found;
    LOG.warn("MQTT: {}; it is tried again in {} s", found, pause.toSeconds());
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

  private final class Pipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channels.add(channel);
      Gate gate = new Gate(broker);
      channel
          .pipeline()
          .addLast(new MqttDecoder(Limits.MAX_PACKET, MAX_CLIENT_ID))
          .addLast(MqttEncoder.INSTANCE)
          .addLast(gate)
          .addLast(wiring.handler());
      Cancellable limit = scheduler.schedule(CONNECT_LIMIT, () -> loop.execute(gate::checkLogin));
      channel.closeFuture().addListener(closing -> limit.cancel());
    }
  }

  /** The hub has come. */
  public void setGateway(ClientGateway newGateway) {
    gateway.set(newGateway);
  }

  /** The hub has gone: so must the clients that spoke to it. */
  public void unsetGateway(ClientGateway oldGateway) {
    gateway.compareAndSet(oldGateway, null);
    if (!closed) {
      loop.execute(
          () ->
              broker.clients().stream()
                  .filter(client -> client.uses(oldGateway))
                  .forEach(client -> client.close("the hub has gone")));
    }
  }

  /**
   * Delivers a message of a route to a topic: to its subscribers, and to the routes that look at
   * it. Completes on any thread.
   */
  public CompletionStage<Delivery> deliver(EndpointAddress.Topic address, Message message) {
    String topic;
    try {
      topic = address.resolve(message);
    } catch (IllegalArgumentException unfit) {
      return CompletableFuture.completedFuture(
          new Delivery.Rejected(String.valueOf(unfit.getMessage())));
    }
    if (!TopicRules.isTopic(topic) || !(HubTopic.ofPublish(topic) instanceof HubTopic.Free)) {
      return CompletableFuture.completedFuture(
          new Delivery.Rejected("'" + Packets.shown(topic) + "' is no topic of the local broker"));
    }
    if (closed) {
      return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }
    return CompletableFuture.supplyAsync(() -> broker.deliver(topic, message), loop)
        .thenCompose(delivery -> delivery);
  }

  /** Where it listens, with the real port. */
  public Optional<String> endpoint() {
    Channel channel = server.get();
    if (channel == null || !channel.isActive()) {
      return Optional.empty();
    }
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    return Optional.of("mqtt://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** Why it does not listen. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Connections that are open now. */
  public int connections() {
    return channels.size();
  }

  /** Looks at the state of the event loop, for tests. */
  <T> T inspect(Function<Broker, T> question) {
    return loop.submit(() -> question.apply(broker)).syncUninterruptibly().getNow();
  }

  /** Stops accepting, then ends the connections, then the sessions. */
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
    channels.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    if (!loop.isShuttingDown()) {
      loop.submit(wiring::close).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
    group
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
