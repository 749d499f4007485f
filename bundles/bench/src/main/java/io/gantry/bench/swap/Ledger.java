package io.gantry.bench.swap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * When each numbered message was sent and delivered, in a file that is mapped into memory: it
 * outlives the modules that write it, costs them next to nothing, and can be read while they do.
 * Also where the sender is told what to do.
 */
public final class Ledger {

  static final int MOST = 40_000_000;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  // In the header.
  private static final int RATE = 0;
  private static final int SENT = 8;
  private static final int ACKNOWLEDGED = 16;
  private static final int REFUSED = 24;
  private static final int HEADER = 64;

  // Of a message.
  private static final int SENT_AT = 0;
  private static final int DELIVERED_AT = 8;
  private static final int COUNT = 16;
  private static final int BY = 20;
  private static final int LENGTH = 24;

  private final MappedByteBuffer file;

  private Ledger(MappedByteBuffer file) {
    this.file = file;
  }

  /** Opens it, and makes it if it is not there. */
  public static Ledger open(Path path) {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Ledger(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, HEADER + (long) MOST * LENGTH));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int at(long number, int field) {
    return (int) (HEADER + number * LENGTH + field);
  }

  /** Messages a second that the sender shall send. */
  public long rate() {
    return (long) LONG.getVolatile(file, RATE);
  }

  void rate(long messagesPerSecond) {
    LONG.setVolatile(file, RATE, messagesPerSecond);
  }

  /** A message is about to be sent. */
  public void sending(long number) {
    file.putLong(at(number, SENT_AT), System.nanoTime());
    LONG.setVolatile(file, SENT, number + 1);
  }

  /** How many were sent. */
  public long sent() {
    return (long) LONG.getVolatile(file, SENT);
  }

  /** The gateway has it. */
  public void acknowledged() {
    LONG.getAndAdd(file, ACKNOWLEDGED, 1L);
  }

  long countAcknowledged() {
    return (long) LONG.getVolatile(file, ACKNOWLEDGED);
  }

  /** The gateway did not take it. */
  public void refused(long number) {
    file.putLong(at(number, SENT_AT), -1);
    LONG.getAndAdd(file, REFUSED, 1L);
  }

  long countRefused() {
    return (long) LONG.getVolatile(file, REFUSED);
  }

  /** How many were neither acknowledged nor refused. */
  public long underWay() {
    return sent() - countAcknowledged() - countRefused();
  }

  /**
   * It has come.
   *
   * @param version of the module that has it
   */
  public void delivered(long number, int version) {
    file.putLong(at(number, DELIVERED_AT), System.nanoTime());
    file.putInt(at(number, BY), version);
    INT.getAndAdd(file, at(number, COUNT), 1);
  }

  boolean wasRefused(long number) {
    return file.getLong(at(number, SENT_AT)) < 0;
  }

  long sentAt(long number) {
    return file.getLong(at(number, SENT_AT));
  }

  /** How often it has come. */
  int count(long number) {
    return (int) INT.getVolatile(file, at(number, COUNT));
  }

  long deliveredAt(long number) {
    return file.getLong(at(number, DELIVERED_AT));
  }

  int deliveredBy(long number) {
    return file.getInt(at(number, BY));
  }
}
