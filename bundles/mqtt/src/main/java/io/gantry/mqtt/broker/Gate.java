package io.gantry.mqtt.broker;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the MQTT codec and Moquette on one connection. Every packet of the client passes
 * here first: what the hub understands ends here, the rest goes on to Moquette once it is known to
 * be harmless. On the way out it keeps packet ids apart and flushes once per round of the event
 * loop instead of once per packet.
 */
final class Gate extends ChannelDuplexHandler {

  private final Broker broker;
  private final boolean local;
  private @Nullable Client client;
  private boolean flushing;

  /**
   * @param local whether the connection came in by the door for this machine only
   */
  Gate(Broker broker, boolean local) {
    this.broker = broker;
    this.local = local;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    client = new Client(broker, ctx, local, () -> flushLater(ctx));
  }

  private Client client() {
    if (client == null) {
      throw new IllegalStateException("the gate is used outside of a pipeline");
    }
    return client;
  }

  /** Ends a connection on which nobody has logged in. */
  void checkLogin() {
    if (client != null && !client.hasLoggedIn()) {
      client.close("no CONNECT came in time");
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof MqttMessage packet)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (packet.decoderResult().isFailure() || packet.fixedHeader() == null) {
      ReferenceCountUtil.release(message);
      Throwable cause = packet.decoderResult().cause();
      if (cause instanceof MqttUnacceptableProtocolVersionException) {
        client().unknownProtocol();
      } else {
        client().malformed(cause instanceof TooLongFrameException, String.valueOf(cause));
      }
      return;
    }
    Optional<String> violation = PacketRules.violation(packet);
    if (violation.isPresent()) {
      ReferenceCountUtil.release(packet);
      client().malformed(false, violation.get());
      return;
    }
    client().inlet().offer(packet);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (client().isOpen()) {
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    client().ended();
    ctx.fireChannelInactive();
    client().left();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (client().isOpen()) {
      ctx.fireChannelWritabilityChanged();
    }
    client().writable();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent idle) {
      // A client that we do not read has no way to show that it lives.
      if (idle.state() == IdleState.READER_IDLE && ctx.channel().config().isAutoRead()) {
        client().close("nothing was heard for one and a half times its keep-alive");
      }
    } else if (client().isOpen()) {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof DecoderException && !(cause.getCause() instanceof SSLException)) {
      client().malformed(false, cause.toString());
    } else {
      client().close(cause.toString());
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Optional<Object> out = Optional.of(message);
    if (message instanceof MqttPublishMessage publish) {
      out = client().outgoing(publish).map(changed -> (Object) changed);
    } else if (message instanceof MqttSubAckMessage || message instanceof MqttUnsubAckMessage) {
      out = client().answer((MqttMessage) message).map(answer -> (Object) answer);
    }
    if (out.isEmpty()) {
      ReferenceCountUtil.release(message);
      promise.setSuccess();
      return;
    }
    ctx.write(out.get(), promise);
    flushLater(ctx);
  }

  private void flushLater(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      ctx.flush();
    }
    if (!flushing) {
      flushing = true;
      ctx.executor()
          .execute(
              () -> {
                flushing = false;
                ctx.flush();
              });
    }
  }
}
