package io.gantry.web.stream;

import io.gantry.spi.session.StreamProtocol;
import io.gantry.web.connection.Deadline;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket as a stream of bytes. The receiver is called on the event loop; what is asked of
 * the peer may come from any thread, and takes effect in the order in which it was asked.
 */
public final class Stream extends ChannelInboundHandlerAdapter implements StreamProtocol.Peer {

  private static final Logger LOG = LoggerFactory.getLogger(Stream.class);

  /** So long the client has to take the last bytes and to answer our close frame. */
  static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final Channel channel;
  private final StreamProtocol protocol;
  private final List<X509Certificate> certificates;
  private final Deadline deadline;
  private final InetSocketAddress address;

  // any thread
  private final Queue<WebSocketFrame> outbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean emptying = new AtomicBoolean();
  private final Outflow outflow = new Outflow();
  private volatile boolean wanted;

  // event loop only
  private final Queue<Frame> held = new ArrayDeque<>();
  private StreamProtocol.@Nullable Receiver receiver;
  private byte @Nullable [] owedPong;
  private boolean handing;
  private boolean closing;
  private boolean ended;

  /**
   * @param channel of which only TLS stays in front of this stream
   * @param deadline of this connection, under which it is no more
   */
  public Stream(
      Channel channel,
      StreamProtocol protocol,
      List<X509Certificate> certificates,
      Deadline deadline) {
    this.channel = channel;
    this.protocol = protocol;
    this.certificates = List.copyOf(certificates);
    this.deadline = deadline;
    address = (InetSocketAddress) channel.remoteAddress();
  }

  /** Puts this stream behind a handler, which is to be removed then. Nothing is read yet. */
  public void join(ChannelPipeline pipeline, String behind) {
    deadline.cancel();
    channel.config().setAutoRead(false);
    pipeline.addAfter(behind, "stream", this);
    pipeline.addAfter(behind, "frames-out", new WebSocket13FrameEncoder(false));
    pipeline.addAfter(behind, "frames-in", new FrameReader());
  }

  /** Tells the protocol, which may begin to read. */
  public void open() {
    try {
      receiver = protocol.open(this);
      readOrNot();
    } catch (RuntimeException bug) {
      failed(bug);
    }
  }

  /** What is spoken. */
  public StreamProtocol protocol() {
    return protocol;
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public List<X509Certificate> certificates() {
    return certificates;
  }

  @Override
  public void send(ByteBuffer bytes) {
    int size = bytes.remaining();
    // There are clients that cannot read an empty frame.
    if (size > 0) {
      if (outflow.added(size)) {
        onLoop(this::tellWritable);
      }
      put(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
    }
  }

  @Override
  public boolean isWritable() {
    return outflow.isLittle();
  }

  @Override
  public void read(boolean on) {
    wanted = on;
    if (channel.eventLoop().inEventLoop()) {
      readOrNot();
    } else {
      onLoop(this::readOrNot);
    }
  }

  private void onLoop(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException stopped) {
      LOG.debug("HTTPS: {} at {} has ended with the server", protocol.subprotocol(), address);
    }
  }

  @Override
  public void close() {
    put(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
  }

  private void put(WebSocketFrame frame) {
    outbox.add(frame);
    if (emptying.compareAndSet(false, true)) {
      onLoop(this::empty);
    }
  }

  /** All that was sent during one round of the event loop goes out with one flush. */
  private void empty() {
    emptying.set(false);
    for (WebSocketFrame frame = outbox.poll(); frame != null; frame = outbox.poll()) {
      if (closing) {
        ReferenceCountUtil.release(frame);
      } else if (frame instanceof CloseWebSocketFrame) {
        end(frame);
      } else {
        int size = frame.content().readableBytes();
        channel
            .write(frame)
            .addListener(
                written -> {
                  outflow.done(size);
                  tellWritable();
                });
      }
    }
    channel.flush();
  }

  private void tellWritable() {
    while (outflow.settle()) {
      if (receiver != null && !ended && !closing) {
        tell(receiver, outflow.told());
      }
    }
  }

  private void tell(StreamProtocol.Receiver to, boolean writable) {
    try {
      to.writable(writable);
    } catch (RuntimeException bug) {
      failed(bug);
    }
  }

  private void readOrNot() {
    handOver();
    channel.config().setAutoRead(isRead() && held.isEmpty());
  }

  private boolean isRead() {
    return closing || wanted && receiver != null;
  }

  /** Frames that had come already when reading was switched off wait for it to be on again. */
  private void handOver() {
    if (handing) {
      return;
    }
    handing = true;
    while (isRead() && !held.isEmpty()) {
      handle(held.remove());
    }
    handing = false;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof Frame frame) {
      held.add(frame);
      handOver();
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void handle(Frame frame) {
    if (frame instanceof Frame.Close close) {
      closedByClient(close.code());
    } else if (closing || ended) {
      return; // What comes now is for nobody.
    } else if (frame instanceof Frame.Data data) {
      received(data.bytes());
    } else if (frame instanceof Frame.Ping ping) {
      owedPong = ping.payload();
      payPong();
    } else if (frame instanceof Frame.Violation violation) {
      LOG.debug("HTTPS: {} at {}: {}", protocol.subprotocol(), address, violation.text());
      empty();
      end(new CloseWebSocketFrame(violation.code(), violation.text()));
      channel.flush();
    }
  }

  private void received(ByteBuffer bytes) {
    if (receiver != null) {
      try {
        receiver.received(bytes);
      } catch (RuntimeException bug) {
        failed(bug);
      }
    }
  }

  /** Only the newest question is answered when the client does not take our answers. */
  private void payPong() {
    if (owedPong != null && channel.isWritable() && !closing) {
      channel.writeAndFlush(new PongWebSocketFrame(Unpooled.wrappedBuffer(owedPong)));
      owedPong = null;
    }
  }

  private void failed(RuntimeException bug) {
    LOG.error("HTTPS: {} at {} failed; its stream ends", protocol.subprotocol(), address, bug);
    empty();
    end(new CloseWebSocketFrame(WebSocketCloseStatus.INTERNAL_SERVER_ERROR));
    channel.flush();
  }

  /** The last frame: what the client still sends is read, so that it can read what we sent. */
  private void end(WebSocketFrame last) {
    if (closing) {
      ReferenceCountUtil.release(last);
      return;
    }
    closing = true;
    channel.write(last);
    deadline.set(CLOSE_LIMIT, channel::close);
    readOrNot();
  }

  private void closedByClient(int code) {
    if (closing) {
      channel.close();
      return;
    }
    empty();
    closing = true;
    deadline.set(CLOSE_LIMIT, channel::close);
    WebSocketFrame echo =
        WebSocketCloseStatus.isValidStatusCode(code) && code != WebSocketCloseStatus.EMPTY.code()
            ? new CloseWebSocketFrame(code, "")
            : new CloseWebSocketFrame();
    channel.writeAndFlush(echo).addListener(ChannelFutureListener.CLOSE);
  }

  /** The protocol has gone, or the server goes. On the event loop. */
  public void goAway() {
    empty();
    end(new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE));
    channel.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    payPong();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.cancel();
    held.clear();
    closing = true;
    if (!ended) {
      ended = true;
      empty();
      if (receiver != null) {
        tellClosed(receiver);
      }
    }
  }

  private void tellClosed(StreamProtocol.Receiver to) {
    try {
      to.closed();
    } catch (RuntimeException bug) {
      LOG.error("HTTPS: {} at {} failed at its end", protocol.subprotocol(), address, bug);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("HTTPS: {} at {} broke off: {}", protocol.subprotocol(), address, cause.toString());
    ctx.close();
  }
}
