package io.gantry.module.host.index;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Refuses to deliver more bytes than agreed, so that nothing from outside can fill the gateway. */
public final class BoundedInputStream extends FilterInputStream {

  private final long limit;
  private long count;

  public BoundedInputStream(InputStream in, long limit) {
    super(in);
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    count(Math.max(read, 0));
    return read;
  }

  private void count(int bytes) throws IOException {
    count += bytes;
    if (count > limit) {
      throw new ContentException("it is larger than " + limit + " bytes", null);
    }
  }
}
