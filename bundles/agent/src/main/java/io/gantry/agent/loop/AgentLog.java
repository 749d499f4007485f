package io.gantry.agent.loop;

import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.StatusWord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines an operator may search for, each with an id that stays. */
final class AgentLog {

  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final Set<StatusWord> AT_RISK =
      Set.of(StatusWord.FAILED, StatusWord.BACKOFF, StatusWord.UNHEALTHY);

  private AgentLog() {}

  static void started(long number, boolean orderly) {
    LOG.info(
        "AGENT-01 started with deployment {} after {} stop",
        number,
        orderly ? "an orderly" : "no orderly");
  }

  static void accepted(long number, int modules, List<String> warnings) {
    LOG.info("AGENT-02 deployment {} with {} modules is taken", number, modules);
    warnings.forEach(warning -> LOG.warn("AGENT-02 deployment {}: {}", number, warning));
  }

  static void refused(int code, long inForce, List<String> errors) {
    LOG.warn(
        "AGENT-03 a manifest is refused with {}, deployment {} stays in force: {}",
        code,
        inForce,
        String.join("; ", errors));
  }

  static void unmet(long number, List<String> failures) {
    LOG.warn(
        "AGENT-16 deployment {} is refused, nothing was touched: {}",
        number,
        String.join("; ", failures));
  }

  static void waiting(long number, List<String> failures) {
    LOG.warn(
        "AGENT-17 deployment {} is not in force yet and is tried again: {}",
        number,
        String.join("; ", failures));
  }

  static void inForce(long number, String origin) {
    LOG.info("AGENT-18 deployment {} ({}) is in force", number, origin);
  }

  static void reverting(long number, String origin, long to) {
    LOG.info("AGENT-19 deployment {} ({}) goes back to what {} was", number, origin, to);
  }

  static void rolledBack(long number, String why) {
    LOG.warn("AGENT-20 deployment {} is taken back: {}", number, why);
  }

  static void confirmed(long number) {
    LOG.info("AGENT-21 deployment {} has been well for its window and stays", number);
  }

  static void noWayBack(String why) {
    LOG.error("AGENT-20 there is no way back: {}", why);
  }

  static void done(long number) {
    LOG.info("AGENT-04 deployment {}: all is as declared", number);
  }

  static void failing(long number, List<String> failures) {
    LOG.warn(
        "AGENT-05 deployment {} is not reached yet and is tried again: {}",
        number,
        String.join("; ", failures));
  }

  static void status(StatusWord before, ModuleStatus now) {
    boolean atRisk = AT_RISK.contains(now.word());
    String line = "AGENT-06 module {}: {} -> {} ({})";
    if (atRisk) {
      LOG.warn(line, now.name(), before.word(), now.word().word(), now.description());
    } else {
      LOG.info(line, now.name(), before.word(), now.word().word(), now.description());
    }
  }

  static void startedAgain(String module, String why) {
    LOG.info("AGENT-22 module {} is started again: {}", module, why);
  }

  static void removed(String module) {
    LOG.info("AGENT-07 module {} is removed", module);
  }

  static void noInitialDeployment(Path file) {
    LOG.info("AGENT-08 nothing was ever deployed, and there is no initial deployment {}", file);
  }

  static void unreadable(Path file, IOException why) {
    LOG.warn("AGENT-08 the initial deployment {} cannot be read: {}", file, why.toString());
  }

  static void unreadable(RuntimeException why) {
    LOG.error(
        "AGENT-10 the kept manifest cannot be read; deploy one, nothing runs until then", why);
  }

  static void stopFailed(String module, Throwable why) {
    LOG.warn("AGENT-13 module {} did not stop in order: {}", module, why.toString());
  }

  static void stopped(boolean inTime) {
    if (inTime) {
      LOG.info("AGENT-11 stopped, with all modules");
    } else {
      LOG.warn("AGENT-11 stopped; some modules did not stop in time and are left to the framework");
    }
  }

  static void undeclared(String failure) {
    LOG.warn("AGENT-14 {}; it is tried again, the deployment goes on", failure);
  }

  static void bug(Throwable why) {
    LOG.error("AGENT-12 a turn of the agent failed; the next one follows within a minute", why);
  }
}
