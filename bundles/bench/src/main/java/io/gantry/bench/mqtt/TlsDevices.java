package io.gantry.bench.mqtt;

import io.gantry.bench.process.Account;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Devices that connect by TLS 1.3 with a full handshake each, log in, subscribe to what an SDK
 * subscribes to, and are silent from then on.
 */
final class TlsDevices implements AutoCloseable {

  private static final int LOOPS = 2;
  private static final int CONNACK_BYTES = 4;
  private static final List<String> FILTERS =
      List.of(
          "$iothub/twin/res/#",
          "$iothub/twin/PATCH/properties/desired/#",
          "$iothub/methods/POST/#");
  private static final int ANSWER_BYTES = CONNACK_BYTES + 4 + FILTERS.size();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final NioEventLoopGroup loops = new NioEventLoopGroup(LOOPS);
  private final Bootstrap bootstrap = new Bootstrap();
  private final SslContext encryption;
  private final int port;
  private final Semaphore places;
  private final List<Channel> channels = new ArrayList<>();
  private final Histogram times = new ConcurrentHistogram(PATIENCE.toNanos(), 3);

  /**
   * @param trusted the certificate that the broker shows
   * @param atOnce so many connect at a time
   */
  TlsDevices(int port, Path trusted, int atOnce) throws IOException {
    this.port = port;
    places = new Semaphore(atOnce);
    encryption =
        SslContextBuilder.forClient().trustManager(trusted.toFile()).protocols("TLSv1.3").build();
    bootstrap
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
  }

  /** Connects all of these, and returns when the last has its subscriptions. */
  void connect(List<Account> accounts) throws IOException, InterruptedException {
    List<CompletableFuture<Void>> connected = new ArrayList<>();
    for (Account account : accounts) {
      if (!places.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the broker has let in nobody for " + PATIENCE);
      }
      Device device = new Device(account, System.nanoTime());
      device.done.whenComplete((nothing, failure) -> places.release());
      connected.add(device.done);
      Bootstrap own = bootstrap.clone().handler(device.pipeline());
      own.connect(InetAddress.getLoopbackAddress(), port)
          .addListener(
              attempt -> {
                if (!attempt.isSuccess()) {
                  device.done.completeExceptionally(attempt.cause());
                }
              });
    }
    CompletableFuture.allOf(connected.toArray(CompletableFuture[]::new)).join();
  }

  /** From the first packet of TCP to the last answer, in nanoseconds. */
  Histogram times() {
    return times;
  }

  private final class Device extends SimpleChannelInboundHandler<ByteBuf> {

    private final Account account;
    private final long begin;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int received;

    Device(Account account, long begin) {
      this.account = account;
      this.begin = begin;
    }

    ChannelInitializer<Channel> pipeline() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel channel) {
          channel.pipeline().addLast(encryption.newHandler(channel.alloc()), Device.this);
          synchronized (channels) {
            channels.add(channel);
          }
        }
      };
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      send(ctx, Packets.connect(account));
    }

    private void send(ChannelHandlerContext ctx, byte[] packet) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(packet), ctx.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
      int before = received;
      received += bytes.readableBytes();
      if (before < CONNACK_BYTES && received >= CONNACK_BYTES) {
        if (bytes.getByte(bytes.readerIndex() + CONNACK_BYTES - before - 1) != 0) {
          done.completeExceptionally(new IOException(account.clientId() + " was not let in"));
          return;
        }
        send(ctx, Packets.subscribe(FILTERS));
      }
      if (before < ANSWER_BYTES && received >= ANSWER_BYTES) {
        times.recordValue(System.nanoTime() - begin);
        done.complete(null);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      done.completeExceptionally(new IOException(account.clientId() + ": connection closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      done.completeExceptionally(cause);
      ctx.close();
    }
  }

  /** How many are still connected. */
  int connected() {
    synchronized (channels) {
      return (int) channels.stream().filter(Channel::isActive).count();
    }
  }

  @Override
  public void close() {
    synchronized (channels) {
      channels.forEach(Channel::close);
    }
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
