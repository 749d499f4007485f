package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a command is given besides its words: files, and standard input. */
final class Input {

  private final InputStream in;

  Input(InputStream in) {
    this.in = in;
  }

  /**
   * Reads a file to its end.
   *
   * @param what how an error calls it
   * @param file its name, or {@code -} for standard input
   */
  byte[] file(String what, String file) throws CommandException {
    try {
      return file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw CommandException.failed("cannot read " + what + ": there is no file " + file);
    } catch (AccessDeniedException e) {
      throw CommandException.failed("cannot read " + what + ": " + file + " is not readable");
    } catch (IOException e) {
      throw CommandException.failed("cannot read " + what + " " + file + ": " + e.getMessage());
    }
  }

  /** What a value means: itself, or with {@code @} a file, or with {@code -} standard input. */
  byte[] value(String what, String value) throws CommandException {
    if (value.equals("-")) {
      return file(what, value);
    }
    return value.startsWith("@") ? file(what, value.substring(1)) : value.getBytes(UTF_8);
  }

  /**
   * The same of a value that is one line. Several of them may stand on standard input, each on a
   * line of its own.
   */
  String line(String what, String value) throws CommandException {
    String text = new String(value.equals("-") ? line(what) : value(what, value), UTF_8).strip();
    if (text.isEmpty()) {
      throw CommandException.failed("cannot read " + what + ": there is nothing");
    }
    return text;
  }

  private byte[] line(String what) throws CommandException {
    try {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
      }
      return line.toByteArray();
    } catch (IOException e) {
      throw CommandException.failed(
          "cannot read " + what + " from standard input: " + e.getMessage());
    }
  }
}
