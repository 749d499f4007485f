package io.gantry.web.server;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.session.Listener;
import io.gantry.spi.session.StreamProtocol;
import io.gantry.web.connection.Connections;
import io.gantry.web.connection.Deadline;
import io.gantry.web.method.Hub;
import io.gantry.web.method.MethodDoor;
import io.gantry.web.stream.Protocols;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS server: one event loop for all sockets, and two threads for the arithmetic of TLS
 * handshakes, which would hold up everybody else on the loop. Listens as soon as it can, and tries
 * again with growing pauses while the port cannot be had. Any thread.
 */
public final class WebServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private static final long CLOSE_SECONDS = 2;
  private static final int HANDSHAKE_THREADS = 2;
  private static final String[] TLS = {"TLSv1.3", "TLSv1.2"};

  private final ServerConfig config;
  private final Scheduler scheduler;
  private final SSLContext tls;
  private final NioEventLoopGroup group;
  private final EventLoop loop;
  private final DefaultEventExecutorGroup handshakes;
  private final ChannelGroup channels;
  private final Connections connections;
  private final Hub hub = new Hub();
  private final Protocols protocols = new Protocols();
  private final Doors doors = new Doors(new MethodDoor(hub), protocols);
  private final PooledByteBufAllocator allocator = smallAllocator();
  private final AtomicReference<@Nullable Channel> server = new AtomicReference<>();
  private final AtomicReference<@Nullable Cancellable> retry = new AtomicReference<>();
  private volatile @Nullable BindProblem problem;
  private volatile boolean closed;

  public WebServer(
      ServerConfig config, Certificates certificates, Threads threads, Scheduler scheduler) {
    this.config = config;
    this.scheduler = scheduler;
    tls = certificates.serverContext();
    group = new NioEventLoopGroup(1, threads.factory("web"));
    loop = group.next();
    handshakes = new DefaultEventExecutorGroup(HANDSHAKE_THREADS, threads.factory("web-tls"));
    channels = new DefaultChannelGroup(loop);
    connections = new Connections(config.maxConnections(), config.maxConnectionsPerAddress());
  }

  /** One arena of small chunks: a gateway has few clients and little memory. */
  private static PooledByteBufAllocator smallAllocator() {
    boolean direct = true;
    return new PooledByteBufAllocator(direct, 0, 1, 8192, 5, 64, 16, false);
  }

  /** The services of the hub, which come and go. */
  public Hub hub() {
    return hub;
  }

  /** A protocol has come. */
  public void add(StreamProtocol protocol) {
    protocols.add(protocol);
  }

  /** A protocol has gone: so must who speaks it. */
  public void remove(StreamProtocol protocol) {
    protocols.remove(protocol);
    if (!closed) {
      loop.execute(() -> doors.close(protocol));
    }
  }

  /** Begins to listen; returns at once. */
  public void start() {
    new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, 128)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.ALLOCATOR, allocator)
        .childHandler(new Pipeline())
        .bind(config.host(), config.port())
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listening(bound.channel());
              } else {
                tryLater(bound.cause());
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
    LOG.info("HTTPS: listening at {}", endpoint().orElse("?"));
  }

  private void tryLater(Throwable cause) {
    BindProblem former = problem;
    BindProblem found = BindProblem.of(config, cause, former);
    problem = found;
    if (former == null || !former.text().equals(found.text())) {
      LOG.warn("HTTPS: {}; everything else goes on, and it is tried again", found.text());
    }
    if (!closed) {
      retry.set(scheduler.schedule(found.pause(), () -> loop.execute(this::startUnlessClosed)));
    }
  }

  private void startUnlessClosed() {
    if (!closed) {
      start();
    }
  }

  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      InetSocketAddress from = channel.remoteAddress();
      // Who has gone already has no address.
      if (closed || from == null || !connections.admit(from.getAddress())) {
        channel.close();
        return;
      }
      channel.closeFuture().addListener(gone -> connections.leave(from.getAddress()));
      channels.add(channel);
      channel
          .pipeline()
          .addLast(tls())
          .addLast(RequestHandler.CODEC, new HttpServerCodec(decoding()))
          .addLast(new RequestHandler(doors, new Deadline(scheduler, loop)));
    }

    /** The limit of time for a handshake is that of the first request. */
    private SslHandler tls() {
      SSLEngine engine = tls.createSSLEngine();
      engine.setUseClientMode(false);
      engine.setWantClientAuth(true);
      engine.setEnabledProtocols(TLS);
      SslHandler handler = new SslHandler(engine, false, handshakes.next());
      handler.setHandshakeTimeoutMillis(0);
      return handler;
    }

    private HttpDecoderConfig decoding() {
      return new HttpDecoderConfig()
          .setMaxInitialLineLength(Limits.MAX_LINE)
          .setMaxHeaderSize(Limits.MAX_HEADERS)
          .setMaxChunkSize(Limits.MAX_PIECE);
    }
  }

  /** Where it listens, with the real port. */
  public Optional<String> endpoint() {
    Channel channel = server.get();
    if (channel == null || !channel.isActive()) {
      return Optional.empty();
    }
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    return Optional.of(Listener.endpoint("https", address));
  }

  /** Why it does not listen. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem).map(BindProblem::text);
  }

  /** Connections that are open now. */
  public int connections() {
    return connections.size();
  }

  /** What waits to go out, encrypted, for tests. */
  long bytesWaiting() {
    return loop.submit(() -> channels.stream().mapToLong(WebServer::waiting).sum())
        .syncUninterruptibly()
        .getNow();
  }

  private static long waiting(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /** Stops accepting, then ends the streams and the other connections. */
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
    if (!loop.isShuttingDown()) {
      loop.submit(doors::closeAll).awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
    channels.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    handshakes.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    group
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
