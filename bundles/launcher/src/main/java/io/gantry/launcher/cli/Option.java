package io.gantry.launcher.cli;

/**
 * One option of a command.
 *
 * @param name with its dashes
 * @param argument how its value is called in the usage text; empty when it takes none
 * @param text what it does
 */
record Option(String name, String argument, String text) {

  static final Option JSON = new Option("--json", "", "print JSON instead of text");
  static final Option DATA =
      new Option("--data", "DIR", "data folder (default: $GANTRY_DATA, or data)");
  static final Option HELP = new Option("--help", "", "print this text");

  boolean takesValue() {
    return !argument.isEmpty();
  }

  /** As it stands in the usage text. */
  String form() {
    return takesValue() ? name + " " + argument : name;
  }
}
