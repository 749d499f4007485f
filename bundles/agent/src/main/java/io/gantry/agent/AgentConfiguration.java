package io.gantry.agent;

/** The agent's configuration as Configuration Admin delivers it. */
public @interface AgentConfiguration {

  /** Path of the manifest that is used when none was ever deployed; blank for none. */
  String initialDeployment() default "";
}
