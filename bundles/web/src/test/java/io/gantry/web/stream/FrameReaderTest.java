package io.gantry.web.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameReaderTest {

  private static final byte[] MASK = {1, (byte) 200, 3, 77};

  private static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length <= 0xFFFF) {
      frame.put((byte) 0xFE).putShort((short) payload.length);
    } else {
      frame.put((byte) 0xFF).putLong(payload.length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i & 3]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** What comes of these bytes when they arrive in pieces of at most this size. */
  private static List<Frame> read(byte[] bytes, int piece) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameReader());
    for (int at = 0; at < bytes.length; at += piece) {
      int end = Math.min(bytes.length, at + piece);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, end - at));
    }
    List<Frame> frames = new ArrayList<>();
    for (Object frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      frames.add((Frame) frame);
    }
    channel.finishAndReleaseAll();
    return frames;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] data(List<Frame> frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      if (frame instanceof Frame.Data data) {
        all.write(data.bytes().array(), 0, data.bytes().remaining());
      }
    }
    return all.toByteArray();
  }

  /** Neither the borders of frames nor those of packets mean anything in a stream. */
  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7", "1000", "1000000"})
  void theBytesAreTheSameHoweverTheyArrive(int piece) {
    byte[] one = random(125);
    byte[] two = random(126);
    byte[] three = random(70_000);
    byte[] four = random(5);
    List<Frame> frames =
        read(
            join(
                frame(0x82, one),
                frame(0x02, two),
                frame(0x89, new byte[] {9}),
                frame(0x00, three),
                frame(0x80, new byte[0]),
                frame(0x8A, new byte[0]),
                frame(0x82, four)),
            piece);
    assertArrayEquals(join(one, two, three, four), data(frames));
    assertEquals(1, frames.stream().filter(Frame.Ping.class::isInstance).count());
    assertEquals(0, frames.stream().filter(Frame.Violation.class::isInstance).count());
  }

  /** Else a thousand strangers could each make us keep a largest frame. */
  @Test
  void aFrameIsPassedOnBeforeItsEnd() {
    byte[] frame = frame(0x82, random(100_000));
    assertEquals(50_000, data(read(Arrays.copyOf(frame, 50_000 + 14), 1_000)).length);
  }

  @Test
  void nothingIsReadBehindAClose() {
    List<Frame> frames =
        read(join(frame(0x88, new byte[] {3, (byte) 232}), frame(0x82, random(9))), 1000);
    assertEquals(List.of(new Frame.Close(1000)), frames);
    assertEquals(List.of(new Frame.Close(1005)), read(frame(0x88, new byte[0]), 1));
  }

  @ParameterizedTest
  @CsvSource({
    "'81 81 00000000 61',           1003", // text
    "'01 81 00000000 61',           1003", // the beginning of a text
    "'82 01 61',                    1002", // not masked
    "'C2 81 00000000 61',           1002", // compressed
    "'83 81 00000000 61',           1002", // reserved
    "'8B 80 00000000',              1002", // reserved
    "'80 81 00000000 61',           1002", // continues nothing
    "'02 80 00000000 82 80 00000000', 1002", // a message within a message
    "'09 80 00000000',              1002", // a ping in pieces
    "'89 FE 007E 00000000',         1002", // a long ping
    "'88 81 00000000 03',           1002", // half a code
    "'82 FE 0001 00000000 61',      1002", // a long way to say 1
    "'82 FF 0000000000000001 00000000 61', 1002",
    "'82 FF 0000000000100001 00000000', 1009", // one more than allowed
    "'82 FF FFFFFFFFFFFFFFFF 00000000', 1009",
  })
  void whoBreaksARuleIsToldTheCode(String hex, int code) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
    for (int piece : new int[] {1, 100}) {
      List<Frame> frames = read(join(bytes, frame(0x82, random(3))), piece);
      assertEquals(1, frames.size(), frames::toString);
      assertEquals(code, assertInstanceOf(Frame.Violation.class, frames.get(0)).code());
    }
  }

  @Test
  void anyBytesComeToAnEndWithoutAnException() {
    Random random = new Random(4);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = join(frame(0x82, random(5)), frame(0x89, random(2)), frame(0x02, random(200)));
      for (int change = random.nextInt(4); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      read(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), 1 + random.nextInt(50));
    }
  }
}
