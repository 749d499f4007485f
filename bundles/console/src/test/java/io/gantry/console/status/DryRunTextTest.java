package io.gantry.console.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.deployment.DryRun.ModuleChange;
import io.gantry.spi.deployment.DryRun.RouteChange;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import io.gantry.spi.module.ModuleForecast.Effect;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What somebody reads who has to decide whether a deployment may be made now. */
class DryRunTextTest {

  private static ModuleChange module(
      String name, Change change, String from, String to, Disturbance... disturbances) {
    return new ModuleChange(
        name,
        change,
        Optional.of(from).filter(text -> !text.isEmpty()),
        Optional.of(to).filter(text -> !text.isEmpty()),
        change == Change.SWAP ? List.of("the image was 1", "env t was 1") : List.of(),
        List.of(disturbances));
  }

  private static DryRun of(int code, List<String> errors, ModuleChange... modules) {
    return new DryRun(code, errors, List.of(), List.of(), List.of(modules), List.of(), List.of());
  }

  private static final DryRun LARGE =
      new DryRun(
          200,
          List.of(),
          List.of("createOptions.HostConfig has no effect"),
          List.of(
              new Download("acme.filter", "1.1.0", "http://r/index.xml", 1500),
              new Download("acme.lib", "2.0.0", "/srv/jars", -1)),
          List.of(
              module("old", Change.REMOVE, "1.0.0", ""),
              module(
                  "filter",
                  Change.SWAP,
                  "1.0.0",
                  "1.1.0",
                  new Disturbance(
                      "press", Effect.RESTARTED, List.of("press", "acme.lib 1.9", "filter")),
                  new Disturbance("s", Effect.REBOUND, List.of("s", "service X"))),
              module("new", Change.ADD, "", "0.9.0"),
              module("quiet", Change.NONE, "1.0.0", "1.0.0"),
              module("calm", Change.NONE, "1.0.0", "1.0.0")),
          List.of(
              new RouteChange("in", Optional.of("FROM a"), Optional.of("FROM b")),
              new RouteChange("up", Optional.empty(), Optional.of("FROM c")),
              new RouteChange("x", Optional.of("FROM d"), Optional.empty())),
          List.of("timeToLiveSecs: 7200 -> 3600"));

  @Test
  void itTellsInGroupsWhatWouldBecomeOfEverything() {
    assertEquals(
        """
        this deployment could be made; nothing has been changed
        warning: createOptions.HostConfig has no effect

        Downloads: 2 bundles, at least 1.5 kB
          BUNDLE       VERSION  SIZE     FROM
          acme.filter  1.1.0    1.5 kB   http://r/index.xml
          acme.lib     2.0.0    unknown  /srv/jars

        Modules
          CHANGE  MODULE  VERSION         WHAT HAPPENS
          remove  old     1.0.0           it is stopped and goes
          swap    filter  1.0.0 -> 1.1.0  the new one takes over while both run
                  because the image was 1
                  because env t was 1
          add     new     0.9.0           it comes new
          unchanged: quiet, calm

        Other modules that are disturbed
          press is restarted, because of filter: press -> acme.lib 1.9 -> filter
          s goes on, with another service than before, because of filter: s -> service X

        Routes
          CHANGE  ROUTE  TEXT
          change  in     before: FROM a
                         after:  FROM b
          add     up     FROM c
          remove  x      FROM d

        Settings of hub and agent
          timeToLiveSecs: 7200 -> 3600
        """,
        DryRunText.of(LARGE));
  }

  @Test
  void whenNothingWouldChangeItSaysSoAndNoMore() {
    assertEquals(
        "nothing would change: the gateway is as the manifest declares it\n",
        DryRunText.of(of(200, List.of(), module("a", Change.NONE, "1", "1"))));
  }

  @Test
  void whenNobodyElseIsDisturbedItSaysSo() {
    assertEquals(
        """
        this deployment could be made; nothing has been changed

        Downloads: none

        Modules
          CHANGE   MODULE  VERSION  WHAT HAPPENS
          replace  a       1        it is stopped, then the new one starts; its messages wait meanwhile
          no other module is disturbed
        """,
        DryRunText.of(of(200, List.of(), module("a", Change.REPLACE, "1", "1"))));
  }

  @Test
  void whatIsRefusedOrCannotBeMetIsSaidFirst() {
    assertEquals(
        "this manifest would be refused (400); nothing would change\nerror: $.a: expected\\n b\n",
        DryRunText.of(of(400, List.of("$.a: expected\n b"))));
    String text = DryRunText.of(of(424, List.of("no bundle x"), module("a", Change.STOP, "1", "")));
    assertTrue(
        text.startsWith(
            "this deployment could not be made (424): something that it needs cannot be had;"
                + " nothing has been changed\ncannot be met: no bundle x\n"),
        text);
    assertTrue(text.contains("  stop    a       1        it is stopped and stays installed\n"));
  }

  @Test
  void inJsonNothingIsLost() {
    JsonObject json = JsonParser.parseString(DeploymentJson.dryRun(LARGE)).getAsJsonObject();
    assertTrue(json.get("possible").getAsBoolean());
    assertTrue(json.get("changes").getAsBoolean());
    assertTrue(json.toString().contains("\"symbolicName\":\"acme.lib\""), json::toString);
    JsonObject lib = json.getAsJsonArray("downloads").get(1).getAsJsonObject();
    assertTrue(lib.get("bytes").isJsonNull());
    JsonObject filter = json.getAsJsonArray("modules").get(1).getAsJsonObject();
    assertEquals("swap", filter.get("change").getAsString());
    assertEquals(
        "{\"module\":\"press\",\"effect\":\"restarted\",\"chain\":[\"press\",\"acme.lib"
            + " 1.9\",\"filter\"]}",
        filter.getAsJsonArray("disturbances").get(0).toString());
    assertEquals(
        "{\"name\":\"up\",\"before\":null,\"after\":\"FROM c\"}",
        json.getAsJsonArray("routes").get(1).toString());
    JsonObject refused =
        JsonParser.parseString(DeploymentJson.dryRun(of(500, List.of("e")))).getAsJsonObject();
    assertFalse(refused.get("possible").getAsBoolean());
    assertFalse(refused.get("changes").getAsBoolean());
  }

  @Test
  void sizesAreShownInTheUnitThatLeavesFewDigits() {
    assertEquals("0 B", Sizes.text(0));
    assertEquals("999 B", Sizes.text(999));
    assertEquals("100.0 kB", Sizes.text(100_000));
    assertEquals("1.5 MB", Sizes.text(1_500_000));
    assertEquals("2000.0 TB", Sizes.text(2_000_000_000_000_000L));
  }
}
