package io.gantry.web.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes the frames of a client apart (RFC 6455, section 5). Ours, because Netty's keeps a frame
 * until all of it has come: before anybody has logged in, as many clients as may connect could make
 * it keep a largest frame each. This one passes on what is there and keeps at most a header.
 */
final class FrameReader extends ByteToMessageDecoder {

  /** Longest frame; larger messages are sent in several. */
  static final long MAX_FRAME = 1 << 20;

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int MAX_CONTROL = 125;
  private static final int MASK = 4;

  private static final int PROTOCOL_ERROR = 1002;
  private static final int UNACCEPTABLE = 1003;
  private static final int NO_CODE = 1005;
  private static final int TOO_BIG = 1009;

  private final byte[] mask = new byte[MASK];
  private boolean ended;
  private boolean inMessage;
  private long left;
  private int masked;

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (ended) {
      in.skipBytes(in.readableBytes());
    } else if (left > 0) {
      data(in, out);
    } else {
      frame(in, out);
    }
  }

  private void data(ByteBuf in, List<Object> out) {
    byte[] piece = unmasked(in, (int) Math.min(left, in.readableBytes()));
    left -= piece.length;
    out.add(new Frame.Data(ByteBuffer.wrap(piece)));
  }

  private byte[] unmasked(ByteBuf in, int length) {
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    for (int i = 0; i < length; i++) {
      bytes[i] ^= mask[masked++ & 3];
    }
    return bytes;
  }

  /** Begins a frame as soon as its header is there, for control frames all of it. */
  private void frame(ByteBuf in, List<Object> out) {
    if (in.readableBytes() < 2) {
      return;
    }
    int first = in.getUnsignedByte(in.readerIndex());
    int second = in.getUnsignedByte(in.readerIndex() + 1);
    String wrong = wrong(first, second);
    if (!wrong.isEmpty()) {
      violation(in, out, PROTOCOL_ERROR, wrong);
      return;
    }
    int opcode = first & 15;
    int shortLength = second & 127;
    int extended = shortLength == 127 ? 8 : shortLength == 126 ? 2 : 0;
    boolean control = opcode >= CLOSE;
    int needed = 2 + extended + MASK + (control ? shortLength : 0);
    if (in.readableBytes() < needed) {
      return;
    }
    in.skipBytes(2);
    long length =
        extended == 8 ? in.readLong() : extended == 2 ? in.readUnsignedShort() : shortLength;
    in.readBytes(mask);
    masked = 0;
    if (opcode == TEXT) {
      violation(in, out, UNACCEPTABLE, "text frames are not spoken here");
    } else if (length < 0 || length > MAX_FRAME) {
      violation(in, out, TOO_BIG, "frame: expected at most " + MAX_FRAME + " bytes");
    } else if (extended == 2 && length < 126 || extended == 8 && length <= 0xFFFF) {
      violation(in, out, PROTOCOL_ERROR, "frame: its length is not written in the shortest way");
    } else if (control) {
      control(opcode, in, (int) length, out);
    } else {
      inMessage = (first & 0x80) == 0;
      left = length;
    }
  }

  /** The first broken rule that the first two bytes show; empty for none. */
  private String wrong(int first, int second) {
    int opcode = first & 15;
    boolean fin = (first & 0x80) != 0;
    if ((first & 0x70) != 0) {
      return "a reserved bit is set, no extension was agreed on";
    }
    if ((second & 0x80) == 0) {
      return "the frame of a client is not masked";
    }
    if (opcode > PONG || opcode > BINARY && opcode < CLOSE) {
      return "opcode " + opcode + " is reserved";
    }
    if (opcode >= CLOSE && (!fin || (second & 127) > MAX_CONTROL)) {
      return "a control frame is in pieces, or too long";
    }
    if (opcode == CONTINUATION && !inMessage) {
      return "a frame continues a message that was not begun";
    }
    if (opcode == BINARY && inMessage) {
      return "a message begins inside of another";
    }
    return "";
  }

  private void control(int opcode, ByteBuf in, int length, List<Object> out) {
    byte[] payload = unmasked(in, length);
    if (opcode == PING) {
      out.add(new Frame.Ping(payload));
    } else if (opcode == CLOSE && length == 1) {
      violation(in, out, PROTOCOL_ERROR, "a close frame has half a code");
    } else if (opcode == CLOSE) {
      ended = true;
      int code = length == 0 ? NO_CODE : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
      out.add(new Frame.Close(code));
    }
  }

  private void violation(ByteBuf in, List<Object> out, int code, String text) {
    ended = true;
    in.skipBytes(in.readableBytes());
    out.add(new Frame.Violation(code, text));
  }
}
