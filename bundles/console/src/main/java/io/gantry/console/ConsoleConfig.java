package io.gantry.console;

/** Configuration {@code io.gantry.console}. */
@interface ConsoleConfig {

  /** Its PID. */
  String PID = "io.gantry.console";

  /** Folder of {@code management.properties}. */
  String run();

  /** File with the password of the Web Console. */
  String password();

  /** File with the token that opens the metrics and nothing else; blank for none. */
  String metricsToken() default "";

  /** Where the management API listens; a loopback address. */
  String host() default "127.0.0.1";

  /** Its port; 0 for any free one. */
  int port() default 0;
}
