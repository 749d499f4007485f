package io.gantry.web.server;

import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.Identity;
import io.gantry.web.connection.Deadline;
import io.gantry.web.http.Answers;
import io.gantry.web.http.Target;
import io.gantry.web.method.MethodDoor;
import io.gantry.web.stream.Stream;
import io.gantry.web.stream.Upgrade;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one connection, one after another: head, examination, body, answer. What comes
 * before its turn is held, and the client read no further; otherwise it is always read, so that a
 * client that hangs up is noticed while its call is under way. Event loop only.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

  /** What is done with the next part of a request. */
  private enum State {
    /** A head begins a request. */
    HEAD,
    /** The body of a call is collected. */
    BODY,
    /** The rest is thrown away, then the refusal goes out. */
    REFUSED,
    /** The end is awaited, then the WebSocket begins. */
    UPGRADE,
    /** Somebody else works on it; parts of the next request are held. */
    BUSY,
    /** The last answer is out; nothing is of interest any more. */
    LAST
  }

  /** The name of the codec of HTTP in the pipeline. */
  static final String CODEC = "http";

  private final Doors doors;
  private final Deadline deadline;
  private final Queue<HttpObject> held = new ArrayDeque<>();
  private State state = State.HEAD;
  private @Nullable Work<?> work;

  // of the request that is on its way
  private boolean keepAlive;
  private boolean waits;
  private Optional<Identity> target = Optional.empty();
  private Optional<Upgrade> upgrade = Optional.empty();
  private Optional<RequestException> refusal = Optional.empty();
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private int thrownAway;

  RequestHandler(Doors doors, Deadline deadline) {
    this.doors = doors;
    this.deadline = deadline;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline.set(Limits.FIRST_HEAD, ctx::close);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpObject part)) {
      ReferenceCountUtil.release(message);
    } else if (state == State.BUSY) {
      hold(ctx, part);
    } else {
      take(ctx, part);
    }
  }

  private void hold(ChannelHandlerContext ctx, HttpObject part) {
    held.add(part);
    ctx.channel().config().setAutoRead(false);
    if (held.size() > Limits.MAX_HELD) {
      LOG.debug("HTTPS: {} sends requests without waiting", ctx.channel().remoteAddress());
      ctx.close();
    }
  }

  private void resume(ChannelHandlerContext ctx) {
    while (state != State.BUSY && !held.isEmpty()) {
      take(ctx, held.remove());
    }
    if (!ctx.isRemoved()) {
      ctx.channel().config().setAutoRead(held.isEmpty());
    }
  }

  private void take(ChannelHandlerContext ctx, HttpObject part) {
    try {
      if (state == State.LAST) {
        return;
      }
      if (part.decoderResult().isFailure()) {
        throw malformed(part.decoderResult().cause());
      }
      if (part instanceof HttpRequest request && state == State.HEAD) {
        head(ctx, request);
      } else if (part instanceof HttpContent content) {
        content(ctx, content);
      }
    } catch (RequestException refused) {
      last(ctx, refused);
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  private static RequestException malformed(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new RequestException(
          414, "request line: expected at most " + Limits.MAX_LINE + " bytes");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new RequestException(
          431, "headers: expected at most " + Limits.MAX_HEADERS + " bytes");
    }
    return new RequestException(400, "this is no request of HTTP/1.1");
  }

  /** Throws what makes this the last request; what is merely refused waits for its end. */
  private void head(ChannelHandlerContext ctx, HttpRequest request) throws RequestException {
    deadline.set(
        Limits.BODY,
        () -> last(ctx, new RequestException(408, "the request was not complete in time")));
    keepAlive = HttpUtil.isKeepAlive(request);
    waits = HttpUtil.is100ContinueExpected(request);
    checkFrame(request);
    try {
      if (Upgrade.isWanted(request)) {
        upgrade = Optional.of(Upgrade.of(request, doors.protocols()));
        state = State.UPGRADE;
      } else {
        examine(ctx, request);
      }
    } catch (RequestException refused) {
      refuse(ctx, refused);
    }
  }

  /** Who waits for consent before it sends the body gets its answer without that. */
  private void refuse(ChannelHandlerContext ctx, RequestException why) {
    if (waits) {
      last(ctx, why);
    } else {
      refusal = Optional.of(why);
      thrownAway = 0;
      state = State.REFUSED;
    }
  }

  private static void checkFrame(HttpRequest request) throws RequestException {
    HttpVersion version = request.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      throw new RequestException(505, "expected HTTP/1.1");
    }
    int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || hosts == 0 && version.equals(HttpVersion.HTTP_1_1)) {
      throw new RequestException(400, "Host: expected one, found " + hosts);
    }
    if (HttpUtil.getContentLength(request, 0L) > MethodDoor.MAX_BODY) {
      throw tooLarge();
    }
  }

  private static RequestException tooLarge() {
    return new RequestException(413, "body: expected at most " + MethodDoor.MAX_BODY + " bytes");
  }

  private void examine(ChannelHandlerContext ctx, HttpRequest request) throws RequestException {
    Identity called = MethodDoor.target(Target.of(request.uri()));
    if (!request.method().equals(HttpMethod.POST)) {
      throw new RequestException(405, "expected POST, found " + request.method());
    }
    MethodDoor.Claim claim =
        new MethodDoor.Claim(
            request.headers().get("x-ms-edge-moduleId"),
            request.headers().get(HttpHeaderNames.AUTHORIZATION),
            certificates(ctx),
            ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress());
    await(
        ctx,
        doors.methods().admit(claim),
        admitted -> admitted(ctx, called),
        refused -> refuse(ctx, refused));
  }

  private void admitted(ChannelHandlerContext ctx, Identity called) {
    target = Optional.of(called);
    body = new ByteArrayOutputStream();
    state = State.BODY;
    if (waits) {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private <T> void await(
      ChannelHandlerContext ctx,
      CompletionStage<T> stage,
      Consumer<T> done,
      Consumer<RequestException> refused) {
    state = State.BUSY;
    Work<T> mine =
        new Work<>(
            result -> {
              done.accept(result);
              resume(ctx);
            },
            why -> {
              refused.accept(why);
              resume(ctx);
            },
            ctx::close);
    work = mine;
    stage.whenCompleteAsync(mine, ctx.executor());
  }

  private void content(ChannelHandlerContext ctx, HttpContent content) throws RequestException {
    ByteBuf bytes = content.content();
    boolean end = content instanceof LastHttpContent;
    switch (state) {
      case BODY -> collect(ctx, bytes, end);
      case REFUSED -> throwAway(ctx, bytes, end);
      case UPGRADE -> upgrade(ctx, bytes, end);
      default -> {
        // The end of a request that was answered already.
      }
    }
  }

  private void collect(ChannelHandlerContext ctx, ByteBuf bytes, boolean end)
      throws RequestException {
    if (body.size() + bytes.readableBytes() > MethodDoor.MAX_BODY) {
      throw tooLarge();
    }
    byte[] piece = new byte[bytes.readableBytes()];
    bytes.readBytes(piece);
    body.writeBytes(piece);
    if (end) {
      byte[] whole = body.toByteArray();
      body = new ByteArrayOutputStream(0);
      deadline.cancel();
      await(
          ctx,
          doors.methods().call(target.orElseThrow(), whole),
          json -> answer(ctx, Answers.json(200, json)),
          refused -> answer(ctx, Answers.refused(refused)));
    }
  }

  private void throwAway(ChannelHandlerContext ctx, ByteBuf bytes, boolean end)
      throws RequestException {
    thrownAway += bytes.readableBytes();
    if (thrownAway > MethodDoor.MAX_BODY) {
      throw tooLarge();
    }
    if (end) {
      answer(ctx, Answers.refused(refusal.orElseThrow()));
    }
  }

  private void upgrade(ChannelHandlerContext ctx, ByteBuf bytes, boolean end)
      throws RequestException {
    if (bytes.isReadable() || !held.isEmpty()) {
      throw new RequestException(400, "WebSocket: expected nothing behind the request");
    }
    if (end) {
      Upgrade agreed = upgrade.orElseThrow();
      Stream stream =
          new Stream(ctx.channel(), agreed.choice().protocol(), certificates(ctx), deadline);
      state = State.LAST;
      ctx.writeAndFlush(agreed.answer());
      doors.opened(stream, ctx.channel());
      stream.join(ctx.pipeline(), CODEC);
      ctx.pipeline().remove(this);
      ctx.pipeline().remove(CODEC);
      stream.open();
    }
  }

  private void answer(ChannelHandlerContext ctx, FullHttpResponse answer) {
    if (keepAlive) {
      state = State.HEAD;
      deadline.set(Limits.IDLE, ctx::close);
      answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
      ctx.writeAndFlush(answer);
    } else {
      state = State.LAST;
      deadline.set(Limits.BODY, ctx::close);
      answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /**
   * Answers a client that may be sending still. Closing at once would make its system forget our
   * answer, so it is left to the client for a while.
   */
  private void last(ChannelHandlerContext ctx, RequestException why) {
    LOG.debug("HTTPS: {} refused: {}", ctx.channel().remoteAddress(), why.getMessage());
    state = State.LAST;
    forgetRequest();
    deadline.set(Limits.LINGER, ctx::close);
    FullHttpResponse answer = Answers.refused(why);
    answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ctx.writeAndFlush(answer);
    resume(ctx);
  }

  private void forgetRequest() {
    body = new ByteArrayOutputStream(0);
    if (work != null) {
      work.forget();
      work = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.cancel();
    state = State.LAST;
    forgetRequest();
    held.forEach(ReferenceCountUtil::release);
    held.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("HTTPS: {} broke off: {}", ctx.channel().remoteAddress(), cause.toString());
    ctx.close();
  }

  private static List<X509Certificate> certificates(ChannelHandlerContext ctx) {
    try {
      Certificate[] chain =
          ctx.pipeline().get(SslHandler.class).engine().getSession().getPeerCertificates();
      return Arrays.stream(chain).map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException showedNone) {
      return List.of();
    }
  }
}
