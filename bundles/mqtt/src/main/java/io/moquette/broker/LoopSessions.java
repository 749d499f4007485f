package io.moquette.broker;

import io.moquette.interception.BrokerInterceptor;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every session command at once on the calling thread, which is always the server's one event
 * loop. Moquette's own group hands commands to threads through bounded queues; there a command that
 * throws ends its thread for good, and a full queue drops messages without a word. With one loop
 * for sockets and sessions there is no queue to fill, a message passes from publisher to subscriber
 * without a hand-off, and what throws fails its own client only.
 */
final class LoopSessions extends SessionEventLoopGroup {

  private static final Logger LOG = LoggerFactory.getLogger(LoopSessions.class);
  private static final int UNUSED_QUEUE = 1;

  private final String threadName;

  LoopSessions(BrokerInterceptor interceptor, String threadName) {
    super(interceptor, UNUSED_QUEUE);
    this.threadName = threadName;
    // The constructor above has started threads that nothing will ever be handed to.
    super.terminate();
  }

  @Override
  public PostOffice.RouteResult routeCommand(
      String clientId, String actionDescription, Callable<String> action) {
    if (clientId == null) {
      return PostOffice.RouteResult.failed(null, actionDescription + ": no session yet");
    }
    SessionCommand command = new SessionCommand(clientId, action);
    try {
      command.execute();
      command.complete();
      return PostOffice.RouteResult.success(clientId, command.completableFuture());
    } catch (Exception failure) {
      LOG.warn(
          "session '{}', {}: failed, the connection is closed",
          clientId,
          actionDescription,
          failure);
      throw new SessionCommandException(failure);
    }
  }

  /** Makes the caller, Moquette's channel handler, close the connection. */
  private static final class SessionCommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SessionCommandException(Exception cause) {
      super(cause);
    }
  }

  @Override
  int targetQueueOrdinal(String clientId) {
    return 0;
  }

  @Override
  String sessionLoopThreadName(String clientId) {
    return threadName;
  }

  @Override
  public int getEventLoopCount() {
    return 1;
  }

  @Override
  public void terminate() {
    // The loop belongs to the server, which stops it.
  }
}
