package io.gantry.mqtt.broker;

import io.gantry.api.message.Message;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.TopicRules;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.TableStore;
import io.moquette.broker.MoquetteWiring;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
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
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The MQTT server: one event loop for all sockets and sessions. Any thread. */
public final class MqttServer implements AutoCloseable {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(60);
  private static final long CLOSE_SECONDS = 2;
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);
  private static final int BACKLOG = 512;
  private static final int HANDSHAKE_THREADS = 2;
  private static final int MAX_CLIENT_ID = 1024;
  private static final boolean STRICT_UTF_8 = true;

  private final Scheduler scheduler;
  private final AtomicReference<@Nullable ClientGateway> gateway = new AtomicReference<>();
  private final NioEventLoopGroup group;
  private final EventLoop loop;
  private final SerialExecutor reader;
  private final ChannelGroup channels;
  private final Broker broker;
  private final MoquetteWiring wiring;
  private final PooledByteBufAllocator allocator = smallAllocator();
  private final Crowd crowd;
  private final EventExecutorGroup handshakes;
  private final Optional<Door> plain;
  private final Optional<Door> tls;
  private volatile boolean closed;

  public MqttServer(
      ServerConfig config,
      TableStore tables,
      QueueStore queues,
      Threads threads,
      Scheduler scheduler,
      InstantSource time,
      Authenticator authenticator,
      Certificates certificates,
      Drops drops) {
    this.scheduler = scheduler;
    group = new NioEventLoopGroup(1, threads.factory("mqtt"));
    loop = group.next();
    channels = new DefaultChannelGroup(loop);
    Entrance entrance =
        new Entrance(authenticator, config.rights(), config.anonymous(), scheduler, time);
    broker = new Broker(gateway, entrance, drops);
    Clock clock = time.withZone(ZoneOffset.UTC);
    reader = threads.serial("mqtt-sessions");
    Sessions sessions =
        new Sessions(
            tables.table("mqtt-sessions"),
            loop,
            config.backlog(),
            broker,
            new SessionQueues(queues, loop, reader, config.backlog(), drops),
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
            retained,
            sessions::isDurable,
            broker::canTake);
    broker.start(loop, wiring, sessions, retained);
    crowd = new Crowd(config.connections(), config.connectionsPerAddress(), drops);
    // Handshakes cost a millisecond each: not one of the event loop's.
    handshakes = new DefaultEventExecutorGroup(HANDSHAKE_THREADS, threads.factory("mqtt-tls"));
    plain = config.plain().map(address -> door(address, Optional.empty()));
    tls = config.tls().map(address -> door(address, Optional.of(encryption(certificates))));
  }

  private static SslContext encryption(Certificates certificates) {
    boolean client = false;
    boolean startTls = false;
    return new JdkSslContext(
        certificates.serverContext(),
        client,
        null,
        SupportedCipherSuiteFilter.INSTANCE,
        ApplicationProtocolConfig.DISABLED,
        ClientAuth.OPTIONAL,
        new String[] {"TLSv1.3", "TLSv1.2"},
        startTls);
  }

  /** One arena of small chunks: a gateway has few clients and little memory. */
  private static PooledByteBufAllocator smallAllocator() {
    boolean direct = true;
    return new PooledByteBufAllocator(direct, 0, 1, 8192, 5, 64, 16, false);
  }

  /** Begins to listen; returns at once. */
  public void start() {
    doors().forEach(Door::open);
  }

  private List<Door> doors() {
    return Stream.of(plain, tls).flatMap(Optional::stream).toList();
  }

  private Door door(ServerConfig.Address address, Optional<SslContext> encryption) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
            .childHandler(new Pipeline(encryption));
    return new Door(address, bootstrap, scheduler, loop);
  }

  private final class Pipeline extends ChannelInitializer<Channel> {

    private final Optional<SslContext> encryption;

    Pipeline(Optional<SslContext> encryption) {
      this.encryption = encryption;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (!crowd.admit(channel)) {
        channel.close();
        return;
      }
      channels.add(channel);
      encryption.ifPresent(
          context -> channel.pipeline().addLast(tlsHandler(context, channel.alloc())));
      addMqtt(channel, isLocal(channel));
    }
  }

  private SslHandler tlsHandler(SslContext context, ByteBufAllocator alloc) {
    SslHandler handler = context.newHandler(alloc, handshakes);
    handler.setHandshakeTimeout(CONNECT_LIMIT.toSeconds(), TimeUnit.SECONDS);
    return handler;
  }

  private void addMqtt(Channel channel, boolean local) {
    Gate gate = new Gate(broker, local);
    FrameCheck frames = new FrameCheck();
    channel
        .pipeline()
        .addLast(frames)
        .addLast(new MqttDecoder(Limits.MAX_PACKET, MAX_CLIENT_ID, STRICT_UTF_8))
        .addLast(frames.counter())
        .addLast(MqttEncoder.INSTANCE)
        .addLast(gate)
        .addLast(wiring.handler());
    Cancellable limit = scheduler.schedule(CONNECT_LIMIT, () -> loop.execute(gate::checkLogin));
    channel.closeFuture().addListener(closing -> limit.cancel());
  }

  /** Takes a connection that somebody else has accepted; see {@link StreamProtocol}. */
  public StreamProtocol.Receiver open(StreamProtocol.Peer peer) {
    StreamChannel channel = new StreamChannel(peer, loop);
    channel.config().setAllocator(allocator);
    channel.config().setWriteBufferWaterMark(WATER_MARKS);
    channel.pipeline().addLast(new Pipeline(Optional.empty()));
    loop.register(channel);
    return channel;
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

  /** The door without encryption; empty when there is none. */
  public Optional<Door> plain() {
    return plain;
  }

  /** The door with TLS; empty when there is none. */
  public Optional<Door> tls() {
    return tls;
  }

  /**
   * Connections that are open now.
   *
   * @param local whether those by the door for this machine only, or all others
   */
  public int connections(boolean local) {
    return (int) channels.stream().filter(channel -> isLocal(channel) == local).count();
  }

  private static boolean isLocal(Channel channel) {
    return !(channel instanceof StreamChannel) && channel.pipeline().get(SslHandler.class) == null;
  }

  /** Looks at the state of the event loop, for tests. */
  <T> T inspect(Function<Broker, T> question) {
    return loop.submit(() -> question.apply(broker)).syncUninterruptibly().getNow();
  }

  /** Stops accepting, then ends the connections, then the sessions. */
  @Override
  public void close() {
    closed = true;
    doors().forEach(Door::close);
    channels.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    if (!loop.isShuttingDown()) {
      loop.submit(wiring::close).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
    group
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    handshakes.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    reader.close();
  }
}
