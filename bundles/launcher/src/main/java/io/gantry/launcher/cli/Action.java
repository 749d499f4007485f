package io.gantry.launcher.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One form of a command line: what a command is told to do, to what, and how.
 *
 * @param word the word behind the command's own; empty for a command that does one thing only
 * @param operands what they are called; those in brackets may be left out and stand last
 * @param options what it accepts, besides what every command does
 */
record Action(String word, List<String> operands, List<Option> options) {

  /** The only thing that a command does. */
  static Action only(String operands, Option... options) {
    return new Action("", words(operands), List.of(options));
  }

  /** One of several: its word and the operands that follow. */
  static Action of(String form, Option... options) {
    List<String> words = words(form);
    return new Action(words.get(0), words.subList(1, words.size()), List.of(options));
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" "));
  }

  /** The operands that it cannot do without. */
  List<String> required() {
    return operands.stream().filter(operand -> !operand.startsWith("[")).toList();
  }

  /** As it stands in the usage text, behind the command. */
  String form() {
    List<String> words = new ArrayList<>();
    if (!word.isEmpty()) {
      words.add(word);
    }
    words.add("[options]");
    words.addAll(operands);
    return String.join(" ", words);
  }
}
