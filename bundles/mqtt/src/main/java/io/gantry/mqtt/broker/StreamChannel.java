package io.gantry.mqtt.broker;

import io.gantry.spi.session.StreamProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A connection whose bytes come and go through somebody else's hands: a WebSocket. To the pipeline
 * it looks like a socket. What it does not read is not read there, and what cannot be sent there is
 * kept here, where the water marks of the channel see it.
 */
final class StreamChannel extends AbstractChannel implements StreamProtocol.Receiver {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  private final StreamProtocol.Peer peer;
  private final EventLoopGroup loops;
  private final ChannelConfig config = new StreamConfig();
  private volatile boolean open = true;
  private boolean reading;

  /**
   * @param loops where it will run
   */
  StreamChannel(StreamProtocol.Peer peer, EventLoopGroup loops) {
    super(null);
    this.peer = peer;
    this.loops = loops;
  }

  List<X509Certificate> certificates() {
    return peer.certificates();
  }

  // --- from the other side; any one thread

  @Override
  public void received(ByteBuffer bytes) {
    run(
        () -> {
          if (open) {
            pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes));
            pipeline().fireChannelReadComplete();
          }
        });
  }

  @Override
  public void writable(boolean writable) {
    if (writable) {
      run(this::flushNow);
    }
  }

  private void flushNow() {
    if (open) {
      ((StreamUnsafe) unsafe()).flushNow();
    }
  }

  @Override
  public void closed() {
    run(() -> unsafe().close(voidPromise()));
  }

  private void run(Runnable task) {
    loops.execute(task);
  }

  // --- to the other side; on the event loop

  @Override
  protected void doBeginRead() {
    read(true);
  }

  /** Switches reading there on or off, as the configuration here has it. */
  private void read(boolean on) {
    if (reading != on) {
      reading = on;
      peer.read(on);
    }
  }

  private final class StreamConfig extends DefaultChannelConfig {

    StreamConfig() {
      super(StreamChannel.this);
    }

    @Override
    protected void autoReadCleared() {
      read(false);
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    while (peer.isWritable()) {
      Object message = out.current();
      if (message == null) {
        return;
      }
      // The buffer goes back to its pool: the other side gets a copy.
      peer.send(ByteBuffer.wrap(ByteBufUtil.getBytes((ByteBuf) message)));
      out.remove();
    }
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException("expected bytes, found " + message.getClass());
  }

  @Override
  protected void doClose() {
    open = false;
    peer.close();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a stream is there already");
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new StreamUnsafe();
  }

  private final class StreamUnsafe extends AbstractUnsafe {

    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("a stream is there already"));
    }

    void flushNow() {
      flush0();
    }
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return NOWHERE;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return peer.address();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
