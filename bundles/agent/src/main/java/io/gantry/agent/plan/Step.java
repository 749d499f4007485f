package io.gantry.agent.plan;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.spi.module.PreparedModule;

/** One thing to do with one module. */
public sealed interface Step {

  /** Its name. */
  String module();

  /** Find, download, verify and resolve; touches nothing that runs. */
  record Prepare(DeclaredModule declared) implements Step {
    @Override
    public String module() {
      return declared.name();
    }

    @Override
    public String toString() {
      return "prepare " + module();
    }
  }

  /** Put it into the framework, in the place of what is there. */
  record Install(DeclaredModule declared, PreparedModule prepared) implements Step {
    @Override
    public String module() {
      return declared.name();
    }

    @Override
    public String toString() {
      return "install " + module();
    }
  }

  /** Let it take over from the one that runs. */
  record Swap(DeclaredModule declared, PreparedModule prepared) implements Step {
    @Override
    public String module() {
      return declared.name();
    }

    @Override
    public String toString() {
      return "swap " + module();
    }
  }

  /** Start it for the first time since it was installed or stopped. */
  record Start(String module) implements Step {
    @Override
    public String toString() {
      return "start " + module;
    }
  }

  /** Start it again after it ended by itself; counts as a restart. */
  record Restart(String module) implements Step {
    @Override
    public String toString() {
      return "restart " + module;
    }
  }

  /** Stop it and start it again, because somebody asked for it; counts as nothing. */
  record Renew(String module) implements Step {
    @Override
    public String toString() {
      return "renew " + module;
    }
  }

  /** Stop it. */
  record Stop(String module) implements Step {
    @Override
    public String toString() {
      return "stop " + module;
    }
  }

  /** Stop and remove it. */
  record Remove(String module) implements Step {
    @Override
    public String toString() {
      return "remove " + module;
    }
  }
}
