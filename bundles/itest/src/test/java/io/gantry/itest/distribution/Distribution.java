package io.gantry.itest.distribution;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.itest.Await;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import io.gantry.launcher.cli.ReadyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The distribution as its users have it: a folder whose {@code bin/gantry} is run as a process, on
 * the Java that the system property {@code gantry.java.home} names.
 */
public final class Distribution implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration STOP = Duration.ofSeconds(120);
  private static final Duration COMMAND = Duration.ofSeconds(120);
  private static final int ANSWER_MILLIS = 20_000;

  /**
   * What the Java of the gateway is told besides, so that the many starts of the tests are short.
   */
  private static final String HASTE = System.getProperty("gantry.haste", "");

  private final Folder folder;
  private String options = HASTE;
  private final Set<String> known = new LinkedHashSet<>();
  private Optional<Running> running = Optional.empty();
  private List<String> around = List.of();

  private record Running(Process process, Output out, Output err) {}

  /** How a command ended. */
  public record Result(int exitCode, String out, String err) {}

  private Distribution(Folder folder) {
    this.folder = folder;
  }

  /** A copy in a folder that must not exist yet; nothing is started. */
  public static Distribution in(Path folder) {
    return new Distribution(Folder.copy(folder));
  }

  /** Its folder, to configure it before the start. */
  public Folder folder() {
    return folder;
  }

  /** Its Java is told nothing that users do not tell it: for what is measured. */
  public Distribution unhurried() {
    options = "";
    return this;
  }

  /**
   * No archive of classes is made when it ends, which takes longer than all the rest of an end:
   * something is where its folder would be.
   */
  public Distribution withoutArchive() {
    withoutArchive(folder.data());
    return this;
  }

  /** The same for a data folder that is not the usual one. */
  static void withoutArchive(Path data) {
    try {
      Files.createDirectories(data);
      Files.createFile(data.resolve("java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on it is started by this command, which gets its own as further words. */
  public Distribution startedBy(String... command) {
    around = List.of(command);
    return this;
  }

  /** Whoever may log in, once it has been started and waited for. */
  public Distribution knowing(String... ids) {
    known.addAll(List.of(ids));
    return this;
  }

  /** Starts it and waits until it says that it is ready. */
  public void start(String... arguments) {
    launch(arguments);
    awaitReady();
    introduce();
  }

  /** Waits until what was launched says that it is ready. */
  public void awaitReady() {
    Process process = running.orElseThrow().process();
    Await.until("ready", START, () -> !process.isAlive() || report().ready(), this::everything);
    if (!process.isAlive()) {
      throw new AssertionError("it ended instead of getting ready\n" + everything());
    }
  }

  /** Lets these log in from now on; it has to be ready. */
  public void introduce(String... ids) {
    knowing(ids);
    introduce();
  }

  private void introduce() {
    try {
      Instance instance = Instance.find(folder.data());
      known.forEach(id -> Identities.register(instance, id));
    } catch (CommandException e) {
      throw new AssertionError(e.getMessage() + "\n" + everything(), e);
    }
  }

  /** Starts it and does not wait. */
  public void launch(String... arguments) {
    if (running.isPresent() && running.get().process().isAlive()) {
      throw new IllegalStateException("it runs already");
    }
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(Arrays.asList(arguments));
    running = Optional.of(running("run", start(around, words)));
  }

  /** What it says of itself; not ready when it does not answer. */
  public ReadyReport report() {
    try {
      if (Files.exists(Instance.file(folder.data()))) {
        return ReadyReport.ask(Instance.find(folder.data()), ANSWER_MILLIS);
      }
    } catch (CommandException e) {
      // The file is there a moment before the address answers.
    }
    return new ReadyReport(false, Map.of(), List.of("the management API"), List.of(), List.of());
  }

  /** Runs one command of {@code gantry} to its end. */
  public Result cli(String... words) {
    Running command = spawn("gantry " + words[0], List.of(words));
    int exitCode = awaitEnd(command, COMMAND);
    return new Result(exitCode, command.out().text(), command.err().text());
  }

  /** What {@code gantry status --json} says, asked without the detour over a process. */
  public JsonObject status() {
    try {
      Instance.Answer answer =
          Instance.find(folder.data()).get("/v1/status", "application/json", ANSWER_MILLIS);
      return JsonParser.parseString(answer.body()).getAsJsonObject();
    } catch (CommandException e) {
      throw new AssertionError(e.getMessage() + "\n" + everything(), e);
    }
  }

  /** Starts a command that does not end by itself, {@code events --follow} say. */
  public Process follow(String... words) {
    return start(List.of(), List.of(words));
  }

  private Running spawn(String name, List<String> words) {
    return running(name, start(List.of(), words));
  }

  private static Running running(String name, Process process) {
    return new Running(
        process,
        new Output(process.getInputStream(), "stdout of " + name),
        new Output(process.getErrorStream(), "stderr of " + name));
  }

  private Process start(List<String> before, List<String> words) {
    List<String> command = new ArrayList<>(before);
    command.add(folder.home().resolve("bin").resolve("gantry").toString());
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.home().toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("GANTRY_"));
    builder
        .environment()
        .put("JAVA_HOME", System.getProperty("gantry.java.home", System.getProperty("java.home")));
    builder.environment().put("GANTRY_OPTS", options);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the running one has printed. */
  public Output out() {
    return running.orElseThrow().out();
  }

  /** What the running one has printed on standard error. */
  public Output err() {
    return running.orElseThrow().err();
  }

  /** Its process. */
  public ProcessHandle process() {
    return running.orElseThrow().process().toHandle();
  }

  /** Ends it as a power cut does. */
  public void kill() {
    Process process = running.orElseThrow().process();
    process.destroyForcibly();
    awaitExit(process, STOP);
  }

  /** Ends it as a service manager does; answers its exit code. */
  public int terminate() {
    Process process = running.orElseThrow().process();
    process.destroy();
    return awaitExit(process, STOP);
  }

  /** Waits until it has ended by itself and all that it said is here; answers its exit code. */
  public int awaitExit(Duration limit) {
    return awaitEnd(running.orElseThrow(), limit);
  }

  private int awaitEnd(Running ending, Duration limit) {
    int exitCode = awaitExit(ending.process(), limit);
    ending.out().awaitEnd(STOP);
    ending.err().awaitEnd(STOP);
    return exitCode;
  }

  private int awaitExit(Process process, Duration limit) {
    try {
      return process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS).exitValue();
    } catch (TimeoutException e) {
      throw new AssertionError(
          "process " + process.pid() + " goes on after " + limit + "\n" + everything(), e);
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that is known of the running one, for the text of an error. */
  public String everything() {
    return running
        .map(now -> "--- stdout\n" + now.out().text() + "\n--- stderr\n" + now.err().text() + log())
        .orElse("(not started)");
  }

  private String log() {
    try {
      Path log = folder.data().resolve("logs").resolve("gantry.log");
      return Files.exists(log) ? "\n--- log\n" + Files.readString(log) : "";
    } catch (IOException e) {
      return "\n--- log: " + e;
    }
  }

  /** Ends whatever still runs; nothing of it outlives the test. */
  @Override
  public void close() {
    running.map(Running::process).filter(Process::isAlive).ifPresent(process -> kill());
  }
}
