package io.gantry.mqtt.broker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;

/**
 * Sees of each packet what the codec behind it overlooks: reserved flags in the first byte (MQTT
 * 3.1.1, 2.2.2), and that it ends before its content does. The codec would take that for the
 * beginning of the next one, or wait for one. What comes before a wrong first byte is passed on, it
 * and what follows is not.
 */
final class FrameCheck extends ChannelInboundHandlerAdapter {

  private static final int PUBLISH = 3;
  private static final int PUBREL = 6;
  private static final int SUBSCRIBE = 8;
  private static final int UNSUBSCRIBE = 10;
  private static final int MOST_LENGTH_BYTES = 4;

  private enum Next {
    FIRST_BYTE,
    LENGTH,
    REST
  }

  private Next next = Next.FIRST_BYTE;
  private int rest;
  private int lengthBytes;
  private boolean lost;
  private long complete;
  private long decoded;

  /** Counts what the codec makes of the packets; stands behind it. */
  ChannelHandler counter() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        decoded++;
        ctx.fireChannelRead(message);
      }
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (lost) {
      bytes.release();
      return;
    }
    int wrong = firstWrong(bytes);
    if (wrong < 0) {
      ctx.fireChannelRead(bytes);
    } else {
      int first = bytes.getUnsignedByte(wrong);
      bytes.writerIndex(wrong);
      ctx.fireChannelRead(bytes);
      lose(ctx, "first byte 0x" + Integer.toHexString(first) + ": flags");
    }
    if (decoded < complete) {
      lose(ctx, "it ends before its content does");
    }
  }

  private void lose(ChannelHandlerContext ctx, String why) {
    lost = true;
    ctx.fireExceptionCaught(new CorruptedFrameException(why));
  }

  /** Where the first byte with wrong flags is; -1 when there is none. */
  private int firstWrong(ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      switch (next) {
        case FIRST_BYTE -> {
          if (!isRight(bytes.getUnsignedByte(at))) {
            return at;
          }
          at++;
          rest = 0;
          lengthBytes = 0;
          next = Next.LENGTH;
        }
        case LENGTH -> readLength(bytes.getUnsignedByte(at++));
        case REST -> {
          int here = Math.min(rest, bytes.writerIndex() - at);
          at += here;
          rest -= here;
          endIfComplete();
        }
      }
    }
    return -1;
  }

  private void readLength(int part) {
    rest |= (part & 127) << 7 * lengthBytes++;
    if (part < 128) {
      endIfComplete();
    } else if (lengthBytes == MOST_LENGTH_BYTES) {
      // The codec refuses a length that goes on, and takes nothing more.
      rest = Integer.MAX_VALUE;
      next = Next.REST;
    }
  }

  private void endIfComplete() {
    next = rest == 0 ? Next.FIRST_BYTE : Next.REST;
    complete += rest == 0 ? 1 : 0;
  }

  private static boolean isRight(int first) {
    int flags = first & 15;
    return switch (first >> 4) {
      case PUBLISH -> true;
      case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 2;
      default -> flags == 0;
    };
  }
}
