package io.gantry.itest.flow.mixed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/**
 * A module in another process, which takes its inputs over MQTT and is not to be relied on: it
 * leaves after some messages, the last of which it has not acknowledged, and comes back, soon or
 * late.
 */
public final class Outside implements AutoCloseable {

  /** Its name in routes. */
  public static final String NAME = "outside";

  /** The input it takes. */
  public static final String INPUT = "in";

  private static final int LONGEST_VISIT = 150;
  private static final int MOST_UNACKNOWLEDGED = 8;
  private static final int RARELY = 8;
  private static final int SOON_MILLIS = 200;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final String FILTER = "devices/gateway/modules/" + NAME + "/inputs/#";
  private static final String TOPIC = "devices/gateway/modules/" + NAME + "/inputs/" + INPUT + "/";

  private enum Mood {
    UNRELIABLE,
    AWAY,
    RELIABLE
  }

  private final int port;
  private final Random random;
  private final Duration longAbsence;
  private final Arrivals arrivals;
  private final AtomicInteger visits = new AtomicInteger();
  private final Thread thread;
  private volatile Mood mood = Mood.UNRELIABLE;
  private volatile boolean closed;

  /**
   * Begins to connect.
   *
   * @param longAbsence how long it is away now and then
   */
  public Outside(int port, Random random, Duration longAbsence, Arrivals arrivals) {
    this.port = port;
    this.random = random;
    this.longAbsence = longAbsence;
    this.arrivals = arrivals;
    thread = new Thread(this::run, NAME);
    thread.setDaemon(true);
    thread.start();
  }

  /** From now on it is there and answers everything. */
  public void stay() {
    mood = Mood.RELIABLE;
  }

  /** From now on it is away; at once, what it has not answered it does not answer. */
  public void leave() {
    mood = Mood.AWAY;
  }

  /** How often it got a connection. */
  public int visits() {
    return visits.get();
  }

  private void run() {
    while (!closed) {
      if (mood != Mood.AWAY) {
        try (Visit visit = new Visit()) {
          if (visit.begin()) {
            visits.incrementAndGet();
            visit.last();
            stayAway(pause());
          } else {
            LockSupport.parkNanos(RETRY_NANOS);
          }
        }
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  private long pause() {
    return random.nextInt(RARELY) == 0
        ? longAbsence.toNanos()
        : TimeUnit.MILLISECONDS.toNanos(random.nextInt(SOON_MILLIS));
  }

  private void stayAway(long nanos) {
    long begin = System.nanoTime();
    while (!closed && mood == Mood.UNRELIABLE && System.nanoTime() - begin < nanos) {
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  /** One connection. */
  private final class Visit extends Paho {

    private final Mood begun = mood;
    private final int most = 1 + random.nextInt(LONGEST_VISIT);
    private final int answered = most - random.nextInt(MOST_UNACKNOWLEDGED);

    // Guarded by this.
    private int taken;
    private boolean over;

    Visit() {
      super(port, "gateway/" + NAME);
    }

    boolean begin() {
      if (!connect()) {
        return false;
      }
      attempt(() -> client().subscribe(FILTER, 1).waitForCompletion(answerMillis()));
      return !isBroken();
    }

    void last() {
      while (!closed && !isBroken() && !isEnough()) {
        LockSupport.parkNanos(STEP_NANOS);
      }
      // What its thread still has to hand over was never seen: the next visit comes first.
      end();
    }

    private synchronized boolean isEnough() {
      return mood != begun || mood == Mood.UNRELIABLE && taken >= most;
    }

    private synchronized void end() {
      over = true;
    }

    @Override
    public synchronized void messageArrived(String topic, MqttMessage message)
        throws MqttException {
      if (over || isEnough()) {
        return;
      }
      taken++;
      Map<String, String> bag = bag(topic);
      arrivals.add(bag.getOrDefault("$.cdid", ""), bag, new String(message.getPayload(), UTF_8));
      if (begun == Mood.RELIABLE || taken <= answered) {
        client().messageArrivedComplete(message.getId(), message.getQos());
      }
    }
  }

  private Map<String, String> bag(String topic) {
    Map<String, String> bag = new HashMap<>();
    if (!topic.startsWith(TOPIC)) {
      arrivals.problem("a message came under " + topic);
      return bag;
    }
    for (String pair : topic.substring(TOPIC.length()).split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        bag.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      }
    }
    return bag;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, UTF_8);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Paho.answerMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
