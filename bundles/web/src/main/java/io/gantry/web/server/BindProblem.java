package io.gantry.web.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why the port cannot be had, for a person; and when to try again.
 *
 * @param text one sentence
 * @param pause before the next attempt
 */
record BindProblem(String text, Duration pause) {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  // A person has to allow it; who does so may as well start the gateway again.
  private static final Duration PRIVILEGED = Duration.ofMinutes(5);

  static BindProblem of(ServerConfig config, Throwable cause, @Nullable BindProblem former) {
    String failed =
        "cannot listen at " + config.host() + ":" + config.port() + ": " + cause.getMessage();
    if (String.valueOf(cause.getMessage()).contains("Permission denied")) {
      return new BindProblem(
          failed
              + "; allow it by 'sysctl net.ipv4.ip_unprivileged_port_start="
              + config.port()
              + "' or by AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or set"
              + " another port in io.gantry.web",
          PRIVILEGED);
    }
    Duration pause = former == null ? FIRST : former.pause().multipliedBy(2);
    return new BindProblem(
        failed + "; stop what uses the port, or set another port in io.gantry.web",
        pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
  }
}
