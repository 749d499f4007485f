package io.gantry.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The {@code gantry} command as a person or a script sees it: words in, text and exit code out. */
class CommandLineTest extends CommandLine {

  @Test
  void helpListsEveryCommand() {
    assertEquals(0, gantry("help"));
    for (String command :
        List.of(
            "run",
            "status",
            "list",
            "events",
            "logs",
            "deploy",
            "undo",
            "cancel",
            "history",
            "restart",
            "repository",
            "schema",
            "route",
            "identity",
            "certificate",
            "twin",
            "method",
            "c2d",
            "stop",
            "console",
            "version")) {
      assertTrue(out().contains("\n  " + command + " "), command);
    }
  }

  @Test
  void everyCommandExplainsItself() {
    for (String command : List.of("run", "status", "events", "deploy", "help")) {
      out.reset();
      assertEquals(0, gantry(command, "--help"));
      assertTrue(out().startsWith("Usage: gantry " + command + " [options]"), out());
    }
  }

  @Test
  void noCommandIsAUsageErrorThatShowsTheCommands() {
    assertEquals(2, gantry());
    assertTrue(err().contains("a command is missing"));
    assertTrue(err().contains("Commands:"));
  }

  @Test
  void aMistypedCommandIsAUsageErrorWithTheOneThatWasMeant() {
    assertEquals(2, gantry("stauts"));
    assertEquals(
        "gantry: unknown command 'stauts' (did you mean status?); see gantry help\n", err());
  }

  @Test
  void aMistypedOptionIsAUsageErrorWithTheOneThatWasMeant() {
    assertEquals(2, gantry("status", "--jsn"));
    assertEquals(
        "gantry: unknown option '--jsn' (did you mean --json?); see gantry status --help\n", err());
  }

  @Test
  void anOptionWithoutItsValueIsAUsageError() {
    assertEquals(2, gantry("events", "--limit"));
    assertEquals(2, gantry("events", "--limit=many"));
    assertEquals(2, gantry("status", "--json=yes"));
    assertEquals(2, gantry("list", "surplus"));
    assertEquals(2, gantry("deploy"));
  }

  @Test
  void versionNeedsNoInstance() {
    assertEquals(0, gantry("version"));
    assertTrue(out().startsWith("gantry "), out());
  }

  @Test
  void withoutAnInstanceTheExitCodeIsThreeAndTheFolderIsNamed() {
    for (String command : List.of("status", "list", "events", "stop", "console")) {
      err.reset();
      assertEquals(3, gantry(command));
      assertEquals(
          "gantry: no running instance for data folder "
              + home.resolve("data")
              + "; start one with gantry run\n",
          err());
    }
  }

  @Test
  void aFileLeftByAnInstanceThatWasKilledCountsAsNoInstance() throws IOException {
    runningInstance(home.resolve("data"));
    server.stop(0);
    assertEquals(3, gantry("status"));
  }

  @Test
  void aForeignServerOnThePortOfAKilledInstanceCountsAsNoInstance() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/status", 401, "{\"error\":\"who are you\"}");
    assertEquals(3, gantry("status"));
  }

  @Test
  void statusPrintsWhatTheInstanceRendered() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/status", 200, "all is well\n");
    assertEquals(0, gantry("status"));
    assertEquals("all is well\n", out());
    assertEquals(List.of("GET /v1/status text/plain Bearer secret "), requests);
  }

  @Test
  void jsonIsAskedForByTheOption() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/modules", 200, "[]");
    assertEquals(0, gantry("list", "--json"));
    assertEquals("[]\n", out());
    assertEquals(List.of("GET /v1/modules application/json Bearer secret "), requests);
  }

  @Test
  void theDataFolderComesFromTheOptionBeforeTheVariable() throws IOException {
    runningInstance(home.resolve("one"));
    answer("/v1/status", 200, "one\n");
    variables.put("GANTRY_DATA", home.resolve("two").toString());
    assertEquals(3, gantry("status"));
    assertEquals(0, gantry("status", "--data", home.resolve("one").toString()));
    variables.put("GANTRY_DATA", home.resolve("one").toString());
    assertEquals(0, gantry("status"));
  }

  @Test
  void eventsPassTheirRangeOnAndSkipTheEmptyLinesThatOnlyKeepTheConnectionAlive()
      throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/events", 200, "first\n\nsecond\n");
    assertEquals(0, gantry("events", "--from", "7", "--limit=2", "--json"));
    assertEquals("first\nsecond\n", out());
    assertTrue(
        requests.get(0).startsWith("GET /v1/events?follow=false&from=7&limit=2 application/x-nd"),
        requests.get(0));
  }

  @Test
  void followingEndsWithThreeWhenTheInstanceGoesAway() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/events", 200, "first\n");
    assertEquals(3, gantry("events", "--follow"));
    assertEquals("gantry: the instance has stopped\n", err());
  }

  @Test
  void aDeploymentThatIsInForceEndsWithZero() throws IOException {
    runningInstance(home.resolve("data"));
    silentDeployments();
    answer("/v1/deployments", 200, "deployment 4 is in force\nwarning: no effect\n");
    Path manifest = Files.writeString(home.resolve("m.json"), "{\"a\":1}");
    assertEquals(0, gantry("deploy", manifest.toString()));
    assertEquals("deployment 4 is in force\nwarning: no effect\n", out());
    assertEquals(List.of("POST /v1/deployments text/plain Bearer secret {\"a\":1}"), requests);
  }

  @Test
  void aManifestMayComeFromStandardInput() throws IOException {
    runningInstance(home.resolve("data"));
    silentDeployments();
    answer("/v1/deployments", 200, "");
    input = "{}".getBytes(UTF_8);
    assertEquals(0, gantry("deploy", "-"));
    assertTrue(requests.get(0).endsWith(" {}"), requests.get(0));
  }

  @Test
  void aDeploymentWhoseStepFailedOrThatWasRefusedEndsWithOneAndTheReasonOnStderr()
      throws IOException {
    runningInstance(home.resolve("data"));
    silentDeployments();
    Path manifest = Files.writeString(home.resolve("m.json"), "{}");
    answer("/v1/deployments", 202, "error: module a\n");
    assertEquals(1, gantry("deploy", manifest.toString()));
    server.removeContext("/v1/deployments");
    answer("/v1/deployments", 400, "refused (400)\n");
    assertEquals(1, gantry("deploy", manifest.toString()));
    assertEquals("error: module a\nrefused (400)\n", err());
    assertEquals("", out());
  }

  @Test
  void aManifestThatDoesNotExistIsNamed() throws IOException {
    runningInstance(home.resolve("data"));
    assertEquals(1, gantry("deploy", "nowhere.json"));
    assertEquals("gantry: cannot read the manifest: there is no file nowhere.json\n", err());
  }

  @Test
  void anErrorOfTheInstanceIsShownAndEndsWithOne() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/events", 503, "the event log is not there: see status\n");
    assertEquals(1, gantry("events"));
    assertEquals("gantry: the event log is not there: see status\n", err());
  }

  @Test
  void consoleShowsAddressUserAndPassword() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/ready", 200, "ready\nendpoint console http://127.0.0.1:8080/x\n");
    Files.writeString(home.resolve("data/console.password"), "swordfish-swordfish\n");
    assertEquals(0, gantry("console"));
    assertEquals(
        "address   http://127.0.0.1:8080/x\nuser      admin\npassword  swordfish-swordfish\n",
        out());
  }

  @Test
  void consoleSaysWhyThereIsNone() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/ready", 200, "ready\nwarning console: port 8080 is in use\n");
    assertEquals(1, gantry("console"));
    assertEquals("gantry: console: port 8080 is in use\n", err());
  }

  @Test
  void stopWaitsUntilTheProcessIsGone() throws IOException {
    runningInstance(home.resolve("data"));
    // A process that ends when its input does, which happens only after the answer.
    Process process = new ProcessBuilder("cat").start();
    server.createContext(
        "/v1/stop",
        exchange -> {
          byte[] body = ("{\"pid\":" + process.pid() + "}").getBytes(UTF_8);
          exchange.sendResponseHeaders(202, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
          process.getOutputStream().close();
        });
    assertEquals(0, gantry("stop"));
    // Not the Process, which hears of its end a moment later.
    assertTrue(!process.toHandle().isAlive());
  }

  @Test
  void runNeedsItsInstallation() {
    assertEquals(1, gantry("run"));
    assertTrue(err().contains(home.resolve("system/launcher.properties").toString()), err());
  }

  @Test
  void aRouteIsExplainedForAMessageInAFile() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/routes/explain", 200, "route up fires\n  the route has no condition\n");
    Path message = Files.writeString(home.resolve("message.json"), "{}");
    assertEquals(
        0, gantry("route", "explain", "--route", "up & away", "--message", message.toString()));
    assertEquals("route up fires\n  the route has no condition\n", out());
    assertEquals(
        List.of("POST /v1/routes/explain?route=up+%26+away text/plain Bearer secret {}"), requests);
  }

  @Test
  void aRouteIsExplainedForTheLastMessages() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/routes/recent", 200, "no message has passed yet\n");
    assertEquals(0, gantry("route", "explain", "--route", "up", "--last", "3"));
    assertEquals("no message has passed yet\n", out());
    assertEquals(
        List.of("GET /v1/routes/recent?route=up&last=3 text/plain Bearer secret "), requests);
  }

  @Test
  void whatWaitsIsForgotten() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/queues/purge", 200, "purged 3 messages\n");
    assertEquals(0, gantry("queue", "purge", "--address", "modules/m/inputs/in"));
    assertEquals("purged 3 messages\n", out());
    assertEquals(
        List.of(
            "POST /v1/queues/purge?address=modules%2Fm%2Finputs%2Fin text/plain Bearer secret "),
        requests);
    assertEquals(2, gantry("queue", "purge"));
    assertEquals(2, gantry("queue", "--address", "x"));
  }

  @Test
  void explainingNeedsARouteAndAMessage() {
    assertEquals(2, gantry("route"));
    assertEquals(2, gantry("route", "delete"));
    assertEquals(2, gantry("route", "explain", "--route", "up"));
    assertEquals(2, gantry("route", "explain", "--message", "-"));
    assertTrue(err().contains("expected explain, found delete"), err());
    assertTrue(err().contains("expected either --message or --last"), err());
    assertTrue(err().contains("option --route is missing"), err());
    assertEquals(2, gantry("route", "explain", "--route", "up", "--message", "-", "--last", "3"));
    assertEquals(0, gantry("route", "--help"));
  }

  @Test
  void theHelpOfACommandShowsEachOfItsActionsWithItsOptions() {
    assertEquals(0, gantry("deadletter", "replay", "--help"));
    assertTrue(
        out()
            .startsWith(
                "Usage: gantry deadletter list [options]\n"
                    + "       gantry deadletter replay [options]\n"),
        out());
    assertTrue(out().contains("\nOptions of replay:\n  --sequence N  only this one\n"), out());
    assertTrue(out().contains("\nOptions:\n  --json        print JSON"), out());
  }

  @Test
  void aMistypedActionIsAUsageErrorWithTheOneThatWasMeant() {
    assertEquals(2, gantry("deadletter", "repaly"));
    assertEquals(
        "gantry: expected list or replay or purge, found repaly (did you mean replay?);"
            + " see gantry deadletter --help\n",
        err());
  }

  @Test
  void deadLettersAreListedReplayedAndPurged() throws IOException {
    runningInstance(home.resolve("data"));
    answer("/v1/deadletters", 200, "3  letter\n");
    answer("/v1/deadletters/replay", 200, "replayed 1 dead letter\n");
    answer("/v1/deadletters/purge", 200, "purged 2 dead letters\n");
    assertEquals(0, gantry("deadletter", "list", "--sequence", "3"));
    assertEquals(0, gantry("deadletter", "replay", "--sequence", "3"));
    assertEquals(0, gantry("deadletter", "purge"));
    assertEquals("3  letter\nreplayed 1 dead letter\npurged 2 dead letters\n", out());
    assertEquals(
        List.of(
            "GET /v1/deadletters?from=3 text/plain Bearer secret ",
            "POST /v1/deadletters/replay?sequence=3 text/plain Bearer secret ",
            "POST /v1/deadletters/purge text/plain Bearer secret "),
        requests);
    assertEquals(2, gantry("deadletter"));
    assertEquals(2, gantry("deadletter", "burn"));
  }
}
