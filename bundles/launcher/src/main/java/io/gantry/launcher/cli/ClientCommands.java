package io.gantry.launcher.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The commands that ask a running instance. The instance renders text or JSON itself, so that the
 * command line, the shell and the Web Console say the same.
 */
public final class ClientCommands {

  private static final String JSON_LINES = "application/x-ndjson";
  // The instance sends an empty line every 15 s.
  private static final int SILENCE_MILLIS = 60_000;
  // The framework has ten; what archives the classes comes after that, and a machine may be slow.
  private static final int STOP_SECONDS = 60;

  private final Arguments arguments;
  private final Environment environment;
  private final Client client;
  private final Input input;

  /** For one command line. */
  public ClientCommands(Arguments arguments, Environment environment) {
    this.arguments = arguments;
    this.environment = environment;
    this.client = new Client(arguments, environment);
    this.input = new Input(environment.in());
  }

  /** Carries the command out; returns the exit code. */
  public int execute() throws CommandException {
    return switch (arguments.command()) {
      case STATUS -> client.show("/v1/status");
      case METRICS -> client.show("/metrics");
      case LIST -> client.show("/v1/modules");
      case EVENTS -> events();
      case LOGS -> logs();
      case DEPLOY -> deployments().deploy();
      case UNDO -> deployments().undo();
      case CANCEL -> deployments().cancel();
      case HISTORY -> deployments().history();
      case RESTART -> deployments().restart();
      case REPOSITORY -> new RepositoryCommands(arguments, environment, client).execute();
      case SCHEMA -> schema();
      case ROUTE -> explain();
      case QUEUE -> purge();
      case DEADLETTER -> deadLetter();
      case IDENTITY -> new IdentityCommands(arguments, client, input).execute();
      case CERTIFICATE -> new CertificateCommands(arguments, client).execute();
      case TWIN -> backEnd().twin();
      case METHOD -> backEnd().method();
      case C2D -> backEnd().send();
      case STOP -> stop();
      case CONSOLE -> console();
      case VERSION -> version();
      case HELP -> help();
      case RUN -> throw new IllegalArgumentException("run is no command of a client");
    };
  }

  private DeploymentCommands deployments() {
    return new DeploymentCommands(arguments, environment, client, input);
  }

  private BackEndCommands backEnd() {
    return new BackEndCommands(arguments, client, input);
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

  private int events() throws CommandException {
    Query query = new Query("/v1/events").with("follow", arguments.has("--follow"));
    for (String name : new String[] {"from", "last", "limit"}) {
      query.with(name, arguments.number("--" + name));
    }
    return lines(query, arguments.has("--follow") && arguments.number("--limit").isEmpty());
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

  private int logs() throws CommandException {
    boolean follow = arguments.has("--follow");
    if (follow && arguments.has("--until")) {
      throw arguments.wrong("expected either --follow or --until");
    }
    Query query =
        new Query("/v1/logs")
            .with("module", arguments.operand(0))
            .with("follow", follow)
            .with("zone", ZoneId.systemDefault())
            .with("tail", arguments.number("--tail"));
    for (String name : new String[] {"since", "until", "level"}) {
      query.with(name, arguments.value("--" + name));
    }
    return lines(query, follow);
  }

  /**
   * Prints lines as they come; one that follows ends before its reader does only with the other.
   */
  private int lines(Query query, boolean endless) throws CommandException {
    String accept = arguments.has("--json") ? JSON_LINES : client.accept();
    client.instance().stream(query.toString(), accept, SILENCE_MILLIS, this::copyLines);
    if (endless) {
      throw new CommandException(ExitCode.NO_INSTANCE, "the instance has stopped");
    }
    return ExitCode.DONE;
  }

  private int schema() throws CommandException {
    Path file = environment.home().resolve("lib").resolve("deployment.schema.json");
    try {
      Client.print(environment.out(), Files.readString(file));
      return ExitCode.DONE;
    } catch (IOException e) {
      throw CommandException.failed("cannot read " + file + " of this installation: " + e);
    }
  }

  private int explain() throws CommandException {
    if (arguments.has("--message") == arguments.has("--last")) {
      throw arguments.wrong("expected either --message or --last");
    }
    String route = arguments.value("--route").orElseThrow();
    Optional<Long> last = arguments.number("--last");
    if (last.isPresent()) {
      return client.show(new Query("/v1/routes/recent").with("route", route).with("last", last));
    }
    byte[] message = input.file("the message", arguments.value("--message").orElseThrow());
    return client.tell(
        new Query("/v1/routes/explain").with("route", route), message, Client.ANSWER_MILLIS);
  }

  private int purge() throws CommandException {
    String address = arguments.value("--address").orElseThrow();
    return client.tell(new Query("/v1/queues/purge").with("address", address));
  }

  private int deadLetter() throws CommandException {
    Optional<Long> number = arguments.number("--sequence");
    if (arguments.action().equals("list")) {
      return client.show(new Query("/v1/deadletters").with("from", number));
    }
    return client.tell(
        new Query("/v1/deadletters/" + arguments.action()).with("sequence", number),
        new byte[0],
        0);
  }

  private int stop() throws CommandException {
    Instance.Answer answer =
        client.instance().post("/v1/stop", Client.JSON, new byte[0], Client.ANSWER_MILLIS);
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
          "the process "
              + process.get().pid()
              + " was told to stop and still runs after "
              + STOP_SECONDS
              + " s; the log "
              + environment.data(arguments).resolve("logs").resolve("gantry.log")
              + " may tell why");
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
    ReadyReport report = ReadyReport.ask(Instance.find(data), Client.ANSWER_MILLIS);
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
}
