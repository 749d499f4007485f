package io.gantry.web.server;

import io.gantry.spi.session.StreamProtocol;
import io.gantry.testkit.time.Await;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sends back what it gets, or keeps it; remembers what it was told. */
final class EchoProtocol implements StreamProtocol {

  private final String subprotocol;
  final List<Told> streams = new CopyOnWriteArrayList<>();
  volatile boolean readsAtOnce = true;
  volatile boolean echoes = true;

  /** What happens on the event loop whenever something has come. */
  volatile Runnable came = () -> {};

  EchoProtocol(String subprotocol) {
    this.subprotocol = subprotocol;
  }

  @Override
  public String subprotocol() {
    return subprotocol;
  }

  @Override
  public Receiver open(Peer peer) {
    Told told = new Told(peer);
    streams.add(told);
    if (readsAtOnce) {
      peer.read(true);
    }
    return told;
  }

  /** The only stream. */
  Told stream() {
    Await.until("a stream is open", () -> !streams.isEmpty());
    return streams.get(0);
  }

  final class Told implements Receiver {

    final Peer peer;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<Boolean> writable = new ArrayList<>();
    private int closed;
    private boolean late;

    Told(Peer peer) {
      this.peer = peer;
    }

    @Override
    public void received(ByteBuffer bytes) {
      byte[] array = new byte[bytes.remaining()];
      bytes.duplicate().get(array);
      synchronized (this) {
        late |= closed > 0;
        received.writeBytes(array);
      }
      came.run();
      if (echoes) {
        peer.send(bytes);
      }
    }

    @Override
    public synchronized void writable(boolean now) {
      late |= closed > 0;
      writable.add(now);
    }

    @Override
    public synchronized void closed() {
      closed++;
    }

    synchronized byte[] received() {
      return received.toByteArray();
    }

    synchronized int size() {
      return received.size();
    }

    synchronized List<Boolean> writable() {
      return List.copyOf(writable);
    }

    synchronized int closedCount() {
      return closed;
    }

    /** Whether it was told anything after its end. */
    synchronized boolean wasToldLate() {
      return late;
    }

    void awaitClosed() {
      Await.until("the stream is closed", () -> closedCount() > 0);
    }
  }
}
