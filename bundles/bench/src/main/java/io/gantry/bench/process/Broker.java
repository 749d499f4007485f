package io.gantry.bench.process;

import java.io.IOException;
import java.util.List;

/** Something that listens for MQTT on loopback, in a process of its own that ends with this. */
public interface Broker extends AutoCloseable {

  /** Where it listens. */
  int port();

  /**
   * Makes devices known.
   *
   * @param prefix of their ids, which a number follows
   */
  List<Account> accounts(String prefix, int count) throws IOException;

  /** Its process. */
  ProcessFigures figures();

  /**
   * Whatever is worth knowing after messages were acknowledged.
   *
   * @param acknowledged by the broker since it was started
   * @throws IllegalStateException when the broker knows of fewer
   */
  String check(long acknowledged);

  @Override
  void close();
}
