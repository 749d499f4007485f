package io.gantry.mqtt.broker;

/** What makes publishers wait: something for a subscriber that has become too much. */
interface Holder {

  /** Who is told to wait. */
  interface Publisher {
    /** No more messages until {@link #released}. */
    void held(Holder by);

    /** There is room again. */
    void released(Holder by);
  }

  /** A publisher is gone. */
  void forget(Publisher publisher);
}
