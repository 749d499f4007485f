package io.gantry.spi.log;

import java.io.IOException;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The logs of modules, each a ring of bounded size on disk: the oldest lines go first. Those of the
 * runtime itself are kept under {@link #AGENT} and {@link #HUB}. Any thread.
 */
@ProviderType
public interface ModuleLogs {

  /** The runtime itself but for the hub, by the name that the IoT Edge runtime gives it. */
  String AGENT = "edgeAgent";

  /** The hub with its protocol heads, by the name that the IoT Edge runtime gives it. */
  String HUB = "edgeHub";

  /** Of whom there is a log. */
  SortedSet<String> modules();

  /**
   * Reads lines, oldest first, on the caller's thread and without holding them all.
   *
   * @throws IOException when the log cannot be read; a module without a log has no lines
   */
  void read(String module, LogQuery query, Consumer<LogLine> lines) throws IOException;

  /**
   * Reads as {@link #read} does and goes on with what comes, none twice and none left out.
   *
   * @param lines is called on the caller's thread first and then on another one, must not block
   * @return ends it
   */
  AutoCloseable follow(String module, LogQuery query, Consumer<LogLine> lines) throws IOException;
}
