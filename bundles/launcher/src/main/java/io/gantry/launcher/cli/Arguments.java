package io.gantry.launcher.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line that was understood. */
public final class Arguments {

  /** Fewer letters could be the beginning of anything. */
  private static final int SHORTEST_BEGINNING = 2;

  private final Command command;
  private final Action action;
  private final Map<String, List<String>> options;
  private final List<String> operands;

  private Arguments(
      Command command, Action action, Map<String, List<String>> options, List<String> operands) {
    this.command = command;
    this.action = action;
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
    Map<String, List<String>> options = new HashMap<>();
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
      options
          .computeIfAbsent(option.name(), name -> new ArrayList<>())
          .add(option.takesValue() ? option.meant(value) : "");
    }
    if (options.containsKey(Option.HELP.name())) {
      return new Arguments(command, command.actions().get(0), options, List.of());
    }
    Action action = action(command, operands);
    List<String> rest = action.word().isEmpty() ? operands : operands.subList(1, operands.size());
    return new Arguments(command, action, options, rest).checked();
  }

  private static Command command(String word) throws CommandException {
    switch (word) {
      case "--help", "-h":
        return Command.HELP;
      case "--version":
        return Command.VERSION;
      default:
        if (word.startsWith("-")) {
          throw new CommandException(
              ExitCode.USAGE,
              "expected a command, found the option '"
                  + word
                  + "': options stand behind the command; see gantry help");
        }
        Optional<Command> command = Command.of(word);
        if (command.isEmpty()) {
          throw new CommandException(
              ExitCode.USAGE,
              "unknown command '" + word + "'" + hint(word, commands()) + "; see gantry help");
        }
        return command.get();
    }
  }

  /** The option of this name of any action: an action may stand behind its options. */
  private static Option option(Command command, String name) throws CommandException {
    List<String> names = new ArrayList<>();
    for (Action action : command.actions()) {
      for (Option option : command.options(action)) {
        if (option.called(name)) {
          return option;
        }
        names.add(option.name());
      }
    }
    throw wrong(command, "unknown option '" + name + "'" + hint(name, names));
  }

  private static Action action(Command command, List<String> operands) throws CommandException {
    String word = operands.isEmpty() ? "" : operands.get(0);
    List<String> known = new ArrayList<>();
    for (Action action : command.actions()) {
      if (action.word().isEmpty() || action.word().equals(word)) {
        return action;
      }
      known.add(action.word());
    }
    throw wrong(
        command,
        "expected "
            + String.join(" or ", known)
            + ", found "
            + (word.isEmpty() ? "nothing" : word + hint(word, known)));
  }

  private Arguments checked() throws CommandException {
    int most = action.operands().size();
    if (operands.size() > most) {
      throw wrong("one word too many: '" + operands.get(most) + "'");
    }
    List<String> required = action.required();
    if (operands.size() < required.size()) {
      throw wrong(required.get(operands.size()) + " is missing");
    }
    List<Option> accepted = command.options(action);
    for (String name : options.keySet()) {
      if (accepted.stream().noneMatch(option -> option.name().equals(name))) {
        throw wrong("option " + name + " is not for " + action.word());
      }
    }
    for (Option option : accepted) {
      if (option.required() && !has(option.name())) {
        throw wrong("option " + option.name() + " is missing");
      }
      checkChoice(option);
    }
    return this;
  }

  private void checkChoice(Option option) throws CommandException {
    List<String> choices = option.choices();
    for (String value : values(option.name())) {
      if (!choices.isEmpty() && !choices.contains(value)) {
        throw wrong(
            "option "
                + option.name()
                + ": expected "
                + String.join(" or ", choices)
                + ", found '"
                + value
                + "'"
                + hint(value, choices));
      }
    }
  }

  /** The failure of a command line that its command cannot make sense of. */
  CommandException wrong(String text) {
    return wrong(command, text);
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

  /** The nearest word that exists, when it is near enough to be meant, or one is cut short. */
  private static String hint(String word, List<String> known) {
    String best = "";
    int bestDistance = 3;
    for (String candidate : known) {
      int distance = isBeginning(word, candidate) ? 1 : distance(word, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  private static boolean isBeginning(String a, String b) {
    int letters = Math.min(a.replace("-", "").length(), b.replace("-", "").length());
    return letters >= SHORTEST_BEGINNING && (a.startsWith(b) || b.startsWith(a));
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

  /** The word of its action; empty when the command does one thing only. */
  String action() {
    return action.word();
  }

  /** Whether an option was given. */
  public boolean has(String option) {
    return options.containsKey(option);
  }

  /** All values of an option that may be given several times, in order. */
  List<String> values(String option) {
    return options.getOrDefault(option, List.of());
  }

  /** The value of an option; the last one when it was given several times. */
  public Optional<String> value(String option) {
    List<String> values = values(option);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(values.size() - 1));
  }

  /** The value of an option that is a number from 0 on. */
  Optional<Long> number(String option) throws CommandException {
    Optional<String> value = value(option);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(value.get());
      if (number >= 0) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong("option " + option + ": expected a number, found '" + value.get() + "'");
  }

  /** An operand that may be left out. */
  Optional<String> operand() {
    return operands.isEmpty() ? Optional.empty() : Optional.of(operands.get(0));
  }

  /** One of the operands that must be there, counted from 0. */
  String operand(int index) {
    return operands.get(index);
  }
}
