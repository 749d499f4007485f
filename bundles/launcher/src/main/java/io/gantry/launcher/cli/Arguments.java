package io.gantry.launcher.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line that was understood. */
public final class Arguments {

  private final Command command;
  private final Map<String, String> options;
  private final List<String> operands;

  private Arguments(Command command, Map<String, String> options, List<String> operands) {
    this.command = command;
    this.options = Map.copyOf(options);
    this.operands = List.copyOf(operands);
  }

  /**
   * Understands the words behind {@code gantry}.
   *
   * @throws CommandException with {@link ExitCode#USAGE} and a hint
   */
  public static Arguments parse(List<String> words) throws CommandException {
    if (words.isEmpty()) {
      throw new CommandException(ExitCode.USAGE, "a command is missing\n\n" + Command.overview());
    }
    Command command = command(words.get(0));
    Map<String, String> options = new HashMap<>();
    List<String> operands = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--")) {
        operands.addAll(words.subList(i + 1, words.size()));
        break;
      }
      if (!word.startsWith("-") || word.equals("-")) {
        operands.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      Option option = option(command, equals < 0 ? word : word.substring(0, equals));
      if (!option.takesValue() && equals >= 0) {
        throw wrong(command, "option " + option.name() + " takes no value");
      }
      if (option.takesValue() && equals < 0) {
        i++;
        if (i == words.size()) {
          throw wrong(command, "option " + option.name() + " needs a value " + option.argument());
        }
      }
      String value = equals < 0 ? words.get(i) : word.substring(equals + 1);
      options.put(option.name(), option.takesValue() ? value : "");
    }
    return new Arguments(command, options, operands).checked();
  }

  private static Command command(String word) throws CommandException {
    switch (word) {
      case "--help", "-h":
        return Command.HELP;
      case "--version":
        return Command.VERSION;
      default:
        Optional<Command> command = Command.of(word);
        if (command.isEmpty()) {
          throw new CommandException(
              ExitCode.USAGE,
              "unknown command '" + word + "'" + hint(word, commands()) + "; see gantry help");
        }
        return command.get();
    }
  }

  private static Option option(Command command, String name) throws CommandException {
    List<String> names = new ArrayList<>();
    for (Option option : command.options()) {
      if (option.name().equals(name) || name.equals("-h") && option.name().equals("--help")) {
        return option;
      }
      names.add(option.name());
    }
    throw wrong(command, "unknown option '" + name + "'" + hint(name, names));
  }

  private Arguments checked() throws CommandException {
    int most = command.operand().isEmpty() ? 0 : 1;
    if (operands.size() > most) {
      throw wrong(command, "one word too many: '" + operands.get(most) + "'");
    }
    if (has("--help")) {
      return this;
    }
    if (command == Command.DEPLOY && operands.isEmpty()) {
      throw wrong(command, "the manifest FILE is missing");
    }
    if (command == Command.ROUTE) {
      checkRoute();
    }
    if (command == Command.QUEUE) {
      requireOperand("purge");
      requireOption("--address");
    }
    if (command == Command.DEADLETTER) {
      requireOperand("list", "replay", "purge");
    }
    return this;
  }

  private void checkRoute() throws CommandException {
    requireOperand("explain");
    requireOption("--route");
    if (has("--message") == has("--last")) {
      throw wrong(command, "expected either --message or --last");
    }
  }

  private void requireOption(String option) throws CommandException {
    if (!has(option)) {
      throw wrong(command, "option " + option + " is missing");
    }
  }

  private void requireOperand(String... known) throws CommandException {
    if (operand().filter(List.of(known)::contains).isEmpty()) {
      throw wrong(
          command,
          "expected " + String.join(" or ", known) + ", found " + operand().orElse("nothing"));
    }
  }

  private static CommandException wrong(Command command, String text) {
    return new CommandException(
        ExitCode.USAGE, text + "; see gantry " + command.word() + " --help");
  }

  private static List<String> commands() {
    List<String> words = new ArrayList<>();
    for (Command command : Command.values()) {
      words.add(command.word());
    }
    return words;
  }

  /** The nearest word that exists, when it is near enough to be meant. */
  private static String hint(String word, List<String> known) {
    String best = "";
    int bestDistance = 3;
    for (String candidate : known) {
      int distance = distance(word, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  /** Number of letters to change, add or leave out (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** Which command. */
  public Command command() {
    return command;
  }

  /** Whether an option was given. */
  public boolean has(String option) {
    return options.containsKey(option);
  }

  /** The value of an option. */
  public Optional<String> value(String option) {
    return Optional.ofNullable(options.get(option));
  }

  /** The value of an option that is a number from 0 on. */
  Optional<Long> number(String option) throws CommandException {
    String value = options.get(option);
    if (value == null) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(command, "option " + option + ": expected a number, found '" + value + "'");
  }

  /** The operand. */
  Optional<String> operand() {
    return operands.isEmpty() ? Optional.empty() : Optional.of(operands.get(0));
  }
}
