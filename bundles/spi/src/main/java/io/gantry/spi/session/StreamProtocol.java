package io.gantry.spi.session;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A whiteboard service: a protocol that is spoken over a stream of bytes which somebody else has
 * opened, for example a WebSocket of this sub-protocol.
 */
@ConsumerType
public interface StreamProtocol {

  /** The WebSocket sub-protocol, for example {@code mqtt}; compared without case. */
  String subprotocol();

  /**
   * A stream was opened. Must not block.
   *
   * @return who takes what the client sends
   */
  Receiver open(Peer peer);

  /** The client's end of a stream. Any thread; nothing is lost or reordered, nothing blocks. */
  @ProviderType
  interface Peer {

    /** Where the client is. */
    InetSocketAddress address();

    /** What the client showed in the TLS handshake; empty when nothing. */
    List<X509Certificate> certificates();

    /**
     * Sends bytes, which are taken over. More may be sent than goes out: see {@link #isWritable}.
     */
    void send(ByteBuffer bytes);

    /** Whether little waits to go out; changes are told to {@link Receiver#writable}. */
    boolean isWritable();

    /** Whether the client is read; it is not, until this was called. */
    void read(boolean on);

    /** Closes the stream once what was sent has gone out. */
    void close();
  }

  /** Ours. Called by one thread at a time; must not block. */
  @ConsumerType
  interface Receiver {

    /** Bytes of the client, to be taken over. */
    void received(ByteBuffer bytes);

    /** Whether more may be sent has changed. */
    void writable(boolean writable);

    /** The stream has ended; nothing comes any more. */
    void closed();
  }
}
