package io.gantry.launcher.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The commands that ask a running instance. The instance renders text or JSON itself, so that the
 * command line, the shell and the Web Console say the same.
 */
public final class ClientCommands {

  private static final String TEXT = "text/plain";
  private static final String JSON = "application/json";
  private static final String JSON_LINES = "application/x-ndjson";
  private static final int ANSWER_MILLIS = 30_000;
  // The instance sends an empty line every 15 s.
  private static final int SILENCE_MILLIS = 60_000;
  private static final int STOP_SECONDS = 15;

  private final Arguments arguments;
  private final Environment environment;

  /** For one command line. */
  public ClientCommands(Arguments arguments, Environment environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /** Carries the command out; returns the exit code. */
  public int execute() throws CommandException {
    return switch (arguments.command()) {
      case STATUS -> show("/v1/status");
      case LIST -> show("/v1/modules");
      case EVENTS -> events();
      case DEPLOY -> deploy();
      case ROUTE -> explain();
      case QUEUE -> purge();
      case DEADLETTER -> deadLetter();
      case STOP -> stop();
      case CONSOLE -> console();
      case VERSION -> version();
      case HELP -> help();
      case RUN -> throw new IllegalArgumentException("run is no command of a client");
    };
  }

  private int help() throws CommandException {
    Optional<String> word = arguments.operand();
    if (word.isEmpty()) {
      environment.out().print(Command.overview());
    } else {
      environment.out().print(Arguments.parse(List.of(word.get(), "--help")).command().usage());
    }
    return ExitCode.DONE;
  }

  private int version() {
    environment
        .out()
        .println(
            "gantry "
                + Version.current()
                + " (Java "
                + System.getProperty("java.version")
                + ", "
                + System.getProperty("java.vm.name")
                + ")");
    return ExitCode.DONE;
  }

  private String accept() {
    return arguments.has("--json") ? JSON : TEXT;
  }

  private Instance instance() throws CommandException {
    return Instance.find(environment.data(arguments));
  }

  private int show(String path) throws CommandException {
    Instance.Answer answer = instance().get(path, accept(), ANSWER_MILLIS);
    if (answer.status() != 200) {
      throw Instance.refused(answer);
    }
    print(environment.out(), answer.body());
    return ExitCode.DONE;
  }

  private int events() throws CommandException {
    StringBuilder query = new StringBuilder("/v1/events?follow=");
    query.append(arguments.has("--follow"));
    for (String name : new String[] {"from", "last", "limit"}) {
      Optional<Long> number = arguments.number("--" + name);
      if (number.isPresent()) {
        query.append('&').append(name).append('=').append(number.get());
      }
    }
    String accept = arguments.has("--json") ? JSON_LINES : TEXT;
    instance().stream(query.toString(), accept, SILENCE_MILLIS, this::copyLines);
    if (arguments.has("--follow") && arguments.number("--limit").isEmpty()) {
      throw new CommandException(ExitCode.NO_INSTANCE, "the instance has stopped");
    }
    return ExitCode.DONE;
  }

  private void copyLines(InputStream in) throws IOException, CommandException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isEmpty()) {
        environment.out().println(line);
        if (environment.out().checkError()) {
          // Who reads has gone (as in 'gantry events | head').
          throw new CommandException(ExitCode.DONE, "");
        }
      }
    }
  }

  private int deploy() throws CommandException {
    byte[] manifest = read("the manifest", arguments.operand(0));
    Instance instance = instance();
    CountDownLatch answered = new CountDownLatch(1);
    Thread notice = new Thread(() -> saySlow(answered), "gantry-deploy-notice");
    notice.setDaemon(true);
    notice.start();
    Instance.Answer answer = instance.post("/v1/deployments", accept(), manifest, 0);
    answered.countDown();
    boolean done = answer.status() == 200;
    print(done || arguments.has("--json") ? environment.out() : environment.err(), answer.body());
    return done ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void saySlow(CountDownLatch answered) {
    try {
      if (!answered.await(3, TimeUnit.SECONDS)) {
        environment.err().println("modules are being fetched and started ...");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int explain() throws CommandException {
    if (arguments.has("--message") == arguments.has("--last")) {
      throw arguments.wrong("expected either --message or --last");
    }
    String route = encoded(arguments.value("--route").orElseThrow());
    Optional<Long> last = arguments.number("--last");
    if (last.isPresent()) {
      return show("/v1/routes/recent?route=" + route + "&last=" + last.get());
    }
    byte[] message = read("the message", arguments.value("--message").orElseThrow());
    String path = "/v1/routes/explain?route=" + route;
    Instance.Answer answer = instance().post(path, accept(), message, ANSWER_MILLIS);
    if (answer.status() != 200) {
      throw Instance.refused(answer);
    }
    print(environment.out(), answer.body());
    return ExitCode.DONE;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private int purge() throws CommandException {
    String address = encoded(arguments.value("--address").orElseThrow());
    Instance.Answer answer =
        instance()
            .post("/v1/queues/purge?address=" + address, accept(), new byte[0], ANSWER_MILLIS);
    if (answer.status() != 200) {
      throw Instance.refused(answer);
    }
    print(environment.out(), answer.body());
    return ExitCode.DONE;
  }

  private int deadLetter() throws CommandException {
    String action = arguments.action();
    boolean list = action.equals("list");
    String parameter =
        arguments
            .number("--sequence")
            .map(number -> (list ? "?from=" : "?sequence=") + number)
            .orElse("");
    if (list) {
      return show("/v1/deadletters" + parameter);
    }
    Instance.Answer answer =
        instance().post("/v1/deadletters/" + action + parameter, accept(), new byte[0], 0);
    if (answer.status() != 200) {
      throw Instance.refused(answer);
    }
    print(environment.out(), answer.body());
    return ExitCode.DONE;
  }

  private byte[] read(String what, String file) throws CommandException {
    try {
      return file.equals("-") ? environment.in().readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw CommandException.failed("cannot read " + what + ": there is no file " + file);
    } catch (AccessDeniedException e) {
      throw CommandException.failed("cannot read " + what + ": " + file + " is not readable");
    } catch (IOException e) {
      throw CommandException.failed("cannot read " + what + " " + file + ": " + e.getMessage());
    }
  }

  private int stop() throws CommandException {
    Instance.Answer answer = instance().post("/v1/stop", JSON, new byte[0], ANSWER_MILLIS);
    if (answer.status() != 202) {
      throw Instance.refused(answer);
    }
    Optional<ProcessHandle> process = longIn(answer.body(), "\"pid\":").flatMap(ProcessHandle::of);
    if (process.isEmpty()) {
      return ExitCode.DONE;
    }
    try {
      process.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
      return ExitCode.DONE;
    } catch (TimeoutException e) {
      throw CommandException.failed(
          "the process " + process.get().pid() + " still runs after " + STOP_SECONDS + " s");
    } catch (ExecutionException e) {
      throw CommandException.failed("waiting for the end failed: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failed("interrupted while waiting for the end");
    }
  }

  /** Enough JSON for one number that we wrote ourselves. */
  private static Optional<Long> longIn(String json, String key) {
    int start = json.indexOf(key);
    if (start < 0) {
      return Optional.empty();
    }
    int from = start + key.length();
    int to = from;
    while (to < json.length() && Character.isDigit(json.charAt(to))) {
      to++;
    }
    return to == from ? Optional.empty() : Optional.of(Long.valueOf(json.substring(from, to)));
  }

  private int console() throws CommandException {
    Path data = environment.data(arguments);
    ReadyReport report = ReadyReport.ask(Instance.find(data), ANSWER_MILLIS);
    Optional<String> address = report.endpoint("console");
    if (address.isEmpty()) {
      throw CommandException.failed(
          String.join("\n", report.about("console", "console: the Web Console does not run")));
    }
    environment.out().println("address   " + address.get());
    environment.out().println("user      admin");
    environment.out().println("password  " + password(data));
    return ExitCode.DONE;
  }

  private static String password(Path data) throws CommandException {
    Path file = data.resolve("console.password");
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw CommandException.failed(
          "cannot read the password of the Web Console from "
              + file
              + " as user "
              + System.getProperty("user.name")
              + ": "
              + e);
    }
  }

  private static void print(PrintStream stream, String text) {
    stream.print(text);
    if (!text.isEmpty() && !text.endsWith("\n")) {
      stream.println();
    }
    stream.flush();
  }
}
