package io.gantry.launcher.cli;

import static java.util.Locale.ROOT;

import java.util.List;

/**
 * One option of a command.
 *
 * @param name with its dashes
 * @param argument how its value is called in the usage text, in capitals, or the only values that
 *     it takes, in small letters with bars between them; empty when it takes none
 * @param text what it does
 * @param required whether there is no going on without it
 */
record Option(String name, String argument, String text, boolean required) {

  static final Option JSON = new Option("--json", "", "print JSON instead of text");
  static final Option KEYS = new Option("--keys", "", "print both keys, too");
  static final Option CONNECTION_STRING =
      new Option("--connection-string", "", "print what an SDK takes, which holds a key");
  static final Option DATA =
      new Option("--data", "DIR", "data folder (default: $GANTRY_DATA, or data)");
  static final Option HELP = new Option("--help", "", "print this text");

  Option(String name, String argument, String text) {
    this(name, argument, text, false);
  }

  /** The same, but it must be given. */
  Option must() {
    return new Option(name, argument, text, true);
  }

  /** Whether a word on the command line means it: its name, or the letter that some have. */
  boolean called(String word) {
    return word.equals(name)
        || word.equals("-h") && name.equals("--help")
        || word.equals("-f") && name.equals("--follow");
  }

  boolean takesValue() {
    return !argument.isEmpty();
  }

  /** The only values that it takes; empty when it takes any. */
  List<String> choices() {
    boolean words = argument.indexOf('|') >= 0 && argument.equals(argument.toLowerCase(ROOT));
    return words ? List.of(argument.split("\\|")) : List.of();
  }

  /** One of its choices in whatever case: what is printed may be typed. Else the value itself. */
  String meant(String value) {
    String small = value.toLowerCase(ROOT);
    return choices().contains(small) ? small : value;
  }

  /** As it stands in the usage text. */
  String form() {
    return takesValue() ? name + " " + argument : name;
  }
}
