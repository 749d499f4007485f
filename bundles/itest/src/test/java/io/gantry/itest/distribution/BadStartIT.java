package io.gantry.itest.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator reads when the gateway cannot start, or not wholly. */
class BadStartIT {

  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir private Path temp;
  private Distribution distribution;

  @BeforeEach
  void copy() {
    distribution = Distribution.in(temp.resolve("gantry")).withoutArchive();
  }

  @AfterEach
  void close() {
    distribution.close();
  }

  private static ServerSocket occupied(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
  }

  private void assertNoInstance() {
    assertFalse(Files.exists(distribution.folder().data().resolve("run/management.properties")));
    assertEquals(3, distribution.cli("status").exitCode());
  }

  @Test
  void aTakenMqttPortIsNamedAndTheNextStartSucceedsOnceItIsFree() throws IOException {
    int port = distribution.folder().port("io.gantry.mqtt");
    try (ServerSocket other = occupied(port)) {
      distribution.launch();
      assertEquals(1, distribution.awaitExit(LIMIT), distribution::everything);
      assertEquals(
          "gantry: the gateway cannot do its work and is stopped: mqtt: cannot listen at 127.0.0.1:"
              + other.getLocalPort()
              + ": Address already in use; stop what uses the port, or set another port in"
              + " io.gantry.mqtt",
          distribution.err().text());
      assertNoInstance();
    }
    distribution.start();
    assertEquals("mqtt://127.0.0.1:" + port, distribution.report().endpoints().get("mqtt"));
  }

  @ParameterizedTest
  @CsvSource({
    "io.gantry.mqtt,  port,     70000, 70000",
    "io.gantry.mqtt,  port,     abc,   abc",
    "io.gantry.store, maxBytes, 5,     maxBytes: expected",
    "io.gantry.hub,   deviceId, a/b,   deviceId: character",
    "io.gantry.console, host,   0.0.0.0, host: expected a loopback address",
  })
  void aValueThatCannotBeUsedEndsTheStartAndIsNamed(
      String pid, String key, String value, String named) {
    boolean number = value.matches("\\d+");
    distribution.folder().configure(pid, key, number ? Integer.valueOf(value) : value);
    distribution.launch();
    assertEquals(1, distribution.awaitExit(LIMIT), distribution::everything);
    String last = distribution.err().lines().get(distribution.err().lines().size() - 1);
    assertTrue(last.contains("the configuration " + pid + " cannot be used: "), last);
    assertTrue(last.contains(named), last);
    assertTrue(last.endsWith("; correct it in conf/gantry.json and start again"), last);
  }

  /** The console is for looking only: messages flow without it. */
  @Test
  void withoutThePortOfTheWebConsoleTheGatewayWorksAndSaysSo() throws IOException {
    int port = distribution.folder().port("org.apache.felix.http");
    try (ServerSocket other = occupied(port)) {
      distribution.start();
      String problem =
          "console: port "
              + other.getLocalPort()
              + " of 127.0.0.1 is in use; the Web Console is not there";
      distribution.out().await("the end of the banner", LIMIT, line -> line.contains("stops."));
      String banner = distribution.out().text();
      assertTrue(banner.contains(" is ready"), banner);
      assertTrue(banner.contains("  warning   " + problem), banner);
      Distribution.Result status = distribution.cli("status");
      assertEquals(0, status.exitCode(), status.err());
      assertTrue(status.out().contains("warning " + problem), status.out());
      assertEquals(
          new Distribution.Result(1, "", "gantry: " + problem), distribution.cli("console"));
    }
  }

  @Test
  void anAddressThatOthersCanReachIsRefusedWithoutEncryption() {
    distribution.folder().configure("io.gantry.mqtt", "host", "0.0.0.0");
    distribution.launch();
    assertEquals(1, distribution.awaitExit(LIMIT), distribution::everything);
    String last = distribution.err().lines().get(distribution.err().lines().size() - 1);
    assertEquals(
        "gantry: the gateway cannot do its work and is stopped: mqtt: io.gantry.mqtt: host:"
            + " expected a loopback address such as 127.0.0.1, found '0.0.0.0'; there is no"
            + " encryption here, so nobody outside may come. Not listening; tlsHost and tlsPort are"
            + " for those outside",
        last);
    assertNoInstance();
  }

  @Test
  void aDataFolderThatAnotherInstanceUsesIsNamedWithItsProcess() {
    distribution.start();
    assertEquals(
        new Distribution.Result(
            1,
            "",
            "gantry: data folder "
                + distribution.folder().data()
                + " is in use by the running instance with pid "
                + distribution.process().pid()),
        distribution.cli("run"));
    Distribution.Result first = distribution.cli("status");
    assertEquals(0, first.exitCode(), first.err());
  }

  @Test
  void aDataFolderThatCannotBeMadeIsNamedWithWhatIsInTheWay() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    Path data = file.resolve("data");
    assertEquals(
        new Distribution.Result(
            1,
            "",
            "gantry: user "
                + System.getProperty("user.name")
                + " cannot write the data folder "
                + data
                + ": "
                + file
                + " is a file, expected a folder; choose another with --data or GANTRY_DATA"),
        distribution.cli("run", "--data", data.toString()));
  }

  @Test
  void aConfigurationFolderThatIsNotThereIsNamed() {
    Path conf = temp.resolve("nowhere");
    assertEquals(
        new Distribution.Result(
            1,
            "",
            "gantry: cannot read "
                + conf.resolve("gantry.json")
                + " as user "
                + System.getProperty("user.name")),
        distribution.cli("run", "--conf", conf.toString()));
  }
}
