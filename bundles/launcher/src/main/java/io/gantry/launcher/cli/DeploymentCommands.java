package io.gantry.launcher.cli;

import java.time.ZoneId;

/** What the agent is told: deploy, undo, cancel, restart; and what it did. */
final class DeploymentCommands {

  private static final String PATH = "/v1/deployments";
  private static final byte[] NOTHING = new byte[0];
  private static final String GOES_ON =
      "gantry: this command ends, the deployment goes on: 'gantry history' tells what becomes of"
          + " it, 'gantry cancel' gives it up";

  private final Arguments arguments;
  private final Environment environment;
  private final Client client;
  private final Input input;

  DeploymentCommands(Arguments arguments, Environment environment, Client client, Input input) {
    this.arguments = arguments;
    this.environment = environment;
    this.client = client;
    this.input = input;
  }

  int deploy() throws CommandException {
    byte[] manifest = input.file("the manifest", arguments.operand(0));
    return arguments.has("--dry-run")
        ? client.tell(PATH + "/dry-run", manifest, 0)
        : carriedOut(PATH, manifest);
  }

  int undo() throws CommandException {
    return carriedOut(PATH + "/undo", NOTHING);
  }

  int cancel() throws CommandException {
    return client.tell(PATH + "/cancel", NOTHING, 0);
  }

  int restart() throws CommandException {
    Query query = new Query("/v1/modules/restart").with("module", arguments.operand(0));
    return client.tell(query, NOTHING, 0);
  }

  int history() throws CommandException {
    return client.show(new Query(PATH + "/history").with("zone", ZoneId.systemDefault()));
  }

  /** Waits as long as it takes, and says meanwhile how far it is. */
  private int carriedOut(String path, byte[] body) throws CommandException {
    Instance instance = client.instance();
    Instance.Answer answer;
    String line = environment.terminal() ? "\n" : "";
    try (Departure departure = Departure.tells(environment.err(), line + GOES_ON)) {
      answer = waited(instance, path, body);
    }
    boolean done = answer.status() == 200;
    Client.print(
        done || arguments.has(Option.JSON.name()) ? environment.out() : environment.err(),
        answer.body());
    return done ? ExitCode.DONE : ExitCode.FAILED;
  }

  private Instance.Answer waited(Instance instance, String path, byte[] body)
      throws CommandException {
    if (arguments.has(Option.JSON.name())) {
      return instance.post(path, client.accept(), body, 0);
    }
    try (Progress progress = Progress.follow(instance, environment)) {
      return instance.post(path, client.accept(), body, 0);
    }
  }
}
