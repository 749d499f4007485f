package io.gantry.launcher.run;

import io.gantry.launcher.cli.Arguments;
import io.gantry.launcher.cli.ClientCommands;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Environment;
import io.gantry.launcher.cli.ExitCode;
import io.gantry.launcher.cli.Instance;
import io.gantry.launcher.cli.ReadyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code gantry run}. */
public final class RunCommand {

  private final Arguments arguments;
  private final Environment environment;

  /** For one command line. */
  public RunCommand(Arguments arguments, Environment environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /** Runs the gateway; returns the exit code when it has ended. */
  public int execute() throws CommandException {
    Path system = folder(environment.home().resolve("system"), "launcher.properties");
    Path conf = folder(environment.conf(arguments), "gantry.json");
    try (DataFolder data =
        DataFolder.open(environment.data(arguments), ProcessHandle.current().pid())) {
      // Left behind by an instance that was killed; ours is not there yet.
      Files.deleteIfExists(Instance.file(data.path()));
      return run(system, conf, data.path());
    } catch (IOException e) {
      throw CommandException.failed("the gateway could not be started: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failed("interrupted");
    }
  }

  private static Path folder(Path folder, String file) throws CommandException {
    if (!Files.isReadable(folder.resolve(file))) {
      throw CommandException.failed(
          "cannot read " + folder.resolve(file) + " as user " + System.getProperty("user.name"));
    }
    return folder;
  }

  private int run(Path system, Path conf, Path data)
      throws CommandException, IOException, InterruptedException {
    StartLevels levels = StartLevels.read(system.resolve("launcher.properties"));
    // For conf/logback.xml, which knows system properties only.
    System.setProperty("gantry.data", data.toString());
    // Answers on loopback need not wait for the acknowledgement of their headers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    FrameworkHost host =
        new FrameworkHost(FrameworkProperties.of(environment.home(), data, conf, levels.highest()));
    Stop stop = new Stop(host, environment.err());
    try {
      host.start(system, levels, stop::arm);
      Optional<ReadyReport> report = new Readiness(host, data, environment.out()).await();
      report.ifPresent(ready -> greet(ready, data));
      return stop.await();
    } catch (CommandException e) {
      host.stop();
      stop.await();
      throw e;
    } finally {
      Files.deleteIfExists(Instance.file(data));
    }
  }

  private void greet(ReadyReport report, Path data) {
    environment.out().print(Banner.of(report, data));
    environment.out().flush();
    if (environment.terminal() || arguments.has("--follow")) {
      Thread thread = new Thread(() -> follow(data), "gantry-follow");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void follow(Path data) {
    try {
      Arguments events =
          Arguments.parse(List.of("events", "--follow", "--last", "0", "--data", data.toString()));
      new ClientCommands(events, environment).execute();
    } catch (CommandException e) {
      if (e.exitCode() == ExitCode.FAILED) {
        environment.err().println("gantry: messages are not shown any more: " + e.getMessage());
      }
    }
  }
}
