package io.gantry.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deployments, logs and repositories on the command line. */
@Timeout(120)
class DeploymentCommandLineTest extends CommandLine {

  private static final String ZONE = URLEncoder.encode(ZoneId.systemDefault().getId(), UTF_8);

  @BeforeEach
  void run() throws IOException {
    runningInstance(home.resolve("data"));
  }

  private String manifest() throws IOException {
    return Files.writeString(home.resolve("m.json"), "{}").toString();
  }

  private static String told(String path, String body) {
    return "POST " + path + " text/plain Bearer secret " + body;
  }

  private static String asked(String path) {
    return "GET " + path + " text/plain Bearer secret ";
  }

  /** Tells of the changes, and answers the deployment when they must have been shown. */
  private void deploymentWithProgress(String path, String summary, String... lines) {
    CountDownLatch asked = new CountDownLatch(1);
    server.createContext(
        "/v1/deployments/progress",
        exchange -> {
          assertEquals("summary=" + summary, exchange.getRequestURI().getQuery());
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().flush();
          await(asked);
          for (String line : lines) {
            exchange.getResponseBody().write((line + "\n").getBytes(UTF_8));
          }
          exchange.getResponseBody().flush();
        });
    server.createContext(
        path,
        exchange -> {
          asked.countDown();
          awaitShown(lines[lines.length - 1].substring(0, 10));
          byte[] body = "deployment 4 is in force\n".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Bounded by the test's own time limit. */
  private void awaitShown(String text) {
    while (!err().contains(text)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whileADeploymentIsWaitedForEachChangeIsALineOnStderr() throws IOException {
    deploymentWithProgress("/v1/deployments", "false", "a: downloading", "", "a: running");
    assertEquals(0, gantry("deploy", manifest()));
    assertEquals("a: downloading\na: running\n", err());
    assertEquals("deployment 4 is in force\n", out());
  }

  @Test
  void onATerminalTheProgressIsOneLineThatIsGoneInTheEnd() throws IOException {
    terminal = true;
    variables.put("COLUMNS", "24");
    deploymentWithProgress(
        "/v1/deployments", "true", "a: downloading 1 of 100 MiB", "b: running; a: running");
    assertEquals(0, gantry("deploy", manifest()));
    assertEquals(
        "\ra: downloading 1 of ..." + "\rb: running; a: running " + "\r" + " ".repeat(22) + "\r",
        err());
  }

  @Test
  void anUndoIsWaitedForLikeADeployment() {
    deploymentWithProgress("/v1/deployments/undo", "false", "a: running");
    assertEquals(0, gantry("undo"));
    assertEquals("a: running\n", err());
    assertEquals("deployment 4 is in force\n", out());
  }

  @Test
  void inJsonThereIsNoProgress() throws IOException {
    answer("/v1/deployments", 202, "{\"code\":500}");
    assertEquals(1, gantry("deploy", manifest(), "--json"));
    assertEquals("{\"code\":500}\n", out());
    assertEquals("", err());
    assertEquals(List.of("POST /v1/deployments application/json Bearer secret {}"), requests);
  }

  /** Ctrl-C must not leave anybody in doubt whether the plant is being changed. */
  @Test
  void whoStopsWaitingForADeploymentIsToldThatItGoesOn() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    silentDeployments();
    server.createContext(
        "/v1/deployments",
        exchange -> {
          asked.countDown();
          await(over);
          exchange.close();
        });
    Process gantry =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dgantry.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                "io.gantry.launcher.Main",
                "deploy",
                manifest())
            .start();
    await(asked);
    gantry.toHandle().destroy();
    String told = new String(gantry.getErrorStream().readAllBytes(), UTF_8);
    over.countDown();
    assertTrue(told.contains("the deployment goes on: 'gantry history' tells"), told);
  }

  /** A script must not go on with half of a token, or of a certificate. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void outputThatCannotBeWrittenIsAFailure() throws Exception {
    Path file = home.resolve("out");
    String limited = "ulimit -f 0; exec \"$0\" -XX:-UsePerfData -cp \"$1\" \"$2\" version >\"$3\"";
    Process gantry =
        new ProcessBuilder(
                "sh",
                "-c",
                limited,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"),
                "io.gantry.launcher.Main",
                file.toString())
            .start();
    String told = new String(gantry.getErrorStream().readAllBytes(), UTF_8);
    assertEquals("gantry: the output could not be written, the file is not complete\n", told);
    assertEquals(1, gantry.waitFor());
  }

  @Test
  void aDryRunIsPrintedAndItsExitCodeSaysWhetherTheDeploymentCouldBeMade() throws IOException {
    answer("/v1/deployments/dry-run", 200, "nothing would change\n");
    assertEquals(0, gantry("deploy", manifest(), "--dry-run"));
    assertEquals(List.of(told("/v1/deployments/dry-run", "{}")), requests);
    assertEquals("nothing would change\n", out());
    server.removeContext("/v1/deployments/dry-run");
    server.createContext(
        "/v1/deployments/dry-run",
        exchange -> {
          byte[] body = "would be refused (400)\n".getBytes(UTF_8);
          exchange.getResponseHeaders().set("Gantry-Outcome", "failed");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    assertEquals(1, gantry("deploy", "--dry-run", manifest()));
    assertEquals("nothing would change\nwould be refused (400)\n", out());
    assertEquals("", err());
  }

  @Test
  void historyCancelAndRestartAreAskedOfTheInstance() {
    answer("/v1/deployments/history", 200, "NUMBER\n");
    answer("/v1/deployments/cancel", 409, "there is none\n");
    answer("/v1/modules/restart", 200, "restarted a b\n");
    assertEquals(0, gantry("history"));
    assertEquals(1, gantry("cancel"));
    assertEquals(0, gantry("restart", "a b"));
    assertEquals("NUMBER\nrestarted a b\n", out());
    assertEquals("gantry: there is none\n", err());
    assertEquals(
        List.of(
            asked("/v1/deployments/history?zone=" + ZONE),
            told("/v1/deployments/cancel", ""),
            told("/v1/modules/restart?module=a+b", "")),
        requests);
  }

  @Test
  void logsPassTheirConditionsOnAndPrintWhatComes() {
    answer("/v1/logs", 200, "one\n\n    at two\n");
    assertEquals(
        0,
        gantry("logs", "filter", "--tail", "5", "--since=1h", "--until", "5min", "--level=warn"));
    assertEquals("one\n    at two\n", out());
    assertEquals(
        List.of(
            asked(
                "/v1/logs?module=filter&follow=false&zone="
                    + ZONE
                    + "&tail=5&since=1h&until=5min&level=warn")),
        requests);
  }

  /** The log itself shows it in capitals. */
  @Test
  void aLevelMayBeTypedAsTheLogShowsIt() {
    answer("/v1/logs", 200, "one\n");
    assertEquals(0, gantry("logs", "filter", "--level", "WARN"));
    assertTrue(requests.get(0).contains("&level=warn "), requests.get(0));
  }

  @Test
  void whoFollowsALogIsToldWhenTheInstanceStops() {
    answer("/v1/logs", 200, "one\n");
    assertEquals(3, gantry("logs", "-f", "filter", "--json"));
    assertEquals("one\n", out());
    assertEquals("gantry: the instance has stopped\n", err());
    assertTrue(requests.get(0).contains("follow=true"), requests.get(0));
    assertTrue(requests.get(0).contains(" application/x-ndjson "), requests.get(0));
  }

  @Test
  void aLogThatIsNotThereIsASentence() {
    answer("/v1/logs", 404, "there is no log of 'x'; there are those of edgeAgent\n");
    assertEquals(1, gantry("logs", "x"));
    assertEquals("gantry: there is no log of 'x'; there are those of edgeAgent\n", err());
  }

  /** The instance has another working folder. */
  @Test
  void thePathOfARepositoryIsSentWholeAndAUrlAsItIs() {
    answer("/v1/repositories/add", 200, "added\n");
    answer("/v1/repositories/remove", 200, "removed\n");
    assertEquals(0, gantry("repository", "add", "jars"));
    assertEquals(0, gantry("repository", "add", "--signed", "https://r/index.xml"));
    assertEquals(0, gantry("repository", "remove", "/srv/../jars"));
    String here = URLEncoder.encode(Path.of("jars").toAbsolutePath().toString(), UTF_8);
    assertEquals(
        List.of(
            told("/v1/repositories/add?address=" + here + "&signed=false", ""),
            told("/v1/repositories/add?address=https%3A%2F%2Fr%2Findex.xml&signed=true", ""),
            told("/v1/repositories/remove?address=%2Fjars", "")),
        requests);
  }

  @Test
  void repositoriesAreListedAndTheCacheIsCleared() {
    answer("/v1/repositories", 200, "ADDRESS\n");
    answer("/v1/repositories/collect", 200, "deleted 1 jar\n");
    assertEquals(0, gantry("repository", "list"));
    assertEquals(0, gantry("repository", "gc"));
    assertEquals("ADDRESS\ndeleted 1 jar\n", out());
    assertEquals(
        List.of(asked("/v1/repositories?zone=" + ZONE), told("/v1/repositories/collect", "")),
        requests);
  }

  @Test
  void withoutTheJarThatCanIndexAFolderThatIsSaid() {
    assertEquals(1, gantry("repository", "index", home.toString()));
    assertEquals("gantry: there is no indexer in " + home.resolve("system") + "\n", err());
  }

  /** As in a locale that does not know all characters of a name. */
  @Test
  void whatCannotBeTheNameOfAFileIsASentence() {
    assertEquals(1, gantry("deploy", "m\0.json"));
    assertEquals(
        "gantry: 'm\0.json' cannot be the name of a file: Nul character not allowed\n", err());
  }

  @Test
  void theSchemaComesFromTheInstallation() throws IOException {
    assertEquals(1, gantry("schema"));
    assertTrue(err().contains(home.resolve("lib/deployment.schema.json").toString()), err());
    Files.createDirectory(home.resolve("lib"));
    Files.writeString(home.resolve("lib/deployment.schema.json"), "{}");
    assertEquals(0, gantry("schema"));
    assertEquals("{}\n", out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logs | MODULE is missing; see gantry logs --help",
        "logs a --tail x | option --tail: expected a number, found 'x'; see gantry logs --help",
        "logs a --level warning | option --level: expected error or warn or info or debug, found"
            + " 'warning' (did you mean warn?); see gantry logs --help",
        "deploy --dr m.json | unknown option '--dr' (did you mean --dry-run?); see gantry deploy"
            + " --help",
        "repo list | unknown command 'repo' (did you mean repository?); see gantry help",
        "--data /srv status | expected a command, found the option '--data': options stand behind"
            + " the command; see gantry help",
        "logs a -f --until 1h | expected either --follow or --until; see gantry logs --help",
        "undo now | one word too many: 'now'; see gantry undo --help",
        "restart | MODULE is missing; see gantry restart --help",
        "repository | expected add or remove or list or gc or index, found nothing; see gantry"
            + " repository --help",
        "repository list --signed | option --signed is not for list; see gantry repository --help",
        "repository index | FOLDER is missing; see gantry repository --help",
        "history -f | unknown option '-f'; see gantry history --help",
      })
  void wrongUsageIsExplained(String words, String text) {
    assertEquals(2, gantry(words.split(" ")));
    assertEquals("gantry: " + text + "\n", err());
  }
}
