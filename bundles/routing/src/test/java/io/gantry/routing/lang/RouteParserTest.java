package io.gantry.routing.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteParserTest {

  @ParameterizedTest
  @CsvSource({
    "/*, ''",
    "/messages/*, /messages",
    "/messages/modules/*, /messages/modules",
    "/messages/modules/Filter/*, /messages/modules/filter",
    "/messages/modules/filter/outputs/*, /messages/modules/filter/outputs",
    "/messages/modules/filter/outputs/out1, /messages/modules/filter/outputs/out1",
    "/twinChangeNotifications, /twinchangenotifications"
  })
  void everySourceOfTheVendorIsKnown(String source, String prefix) throws Exception {
    assertEquals(
        new Source.Path(prefix), RouteParser.parse("FROM " + source + " INTO $upstream").source());
  }

  @Test
  void keywordsAndSinksHaveNoCaseAndModuleNamesHave() throws Exception {
    assertEquals(
        new Upstream(), RouteParser.parse("select * from /messages/* into $UPSTREAM").sink());
    Route route =
        RouteParser.parse(
            "From /messages/* Where true Into brokeredendpoint(\"/modules/Filter/inputs/In1\")");
    assertEquals(new ModuleInput("Filter", "In1"), route.sink());
    assertTrue(route.condition().isPresent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "                                          | 1  | FROM",
        "TO /messages/* INTO $upstream             | 1  | FROM",
        "FROM /telemetry/* INTO $upstream          | 6  | /messages/*",
        "FROM INTO $upstream                       | 6  | source",
        "FROM /messages/*                          | 17 | INTO",
        "FROM /messages/* INTO                     | 22 | $upstream",
        "FROM /messages/* INTO $downstream         | 23 | $upstream",
        "FROM /messages/* INTO Endpoint(\"/x\")    | 23 | BrokeredEndpoint",
        "FROM /messages/* INTO BrokeredEndpoint(\"/modules/a\") | 40 | /modules/{module}",
        "FROM /messages/* INTO $upstream now       | 33 | end",
        "FROM /messages/* WHERE a = INTO $upstream | 28 | property",
        "FROM /messages/* WHERE a ! 'x' INTO $upstream | 26 | operator",
        "FROM /messages/* WHERE (a = 'x' INTO $upstream | 33 | )"
      })
  void anErrorPointsAtTheColumnAndSaysWhatWasExpected(String text, int column, String expected) {
    RouteSyntaxException error =
        assertThrows(RouteSyntaxException.class, () -> RouteParser.parse(text == null ? "" : text));
    assertEquals(column, error.column(), error.getMessage());
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  /** Hostile texts end in an error, not in an exhausted stack or a parser that never returns. */
  @ParameterizedTest
  @ValueSource(strings = {"(", "NOT ", "-", "abs(", "1+", "a = 'x' OR "})
  void textsWithoutEndAreRefused(String piece) {
    String text = "FROM /* WHERE " + piece.repeat(10_000) + " INTO $upstream";
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> assertThrows(RouteSyntaxException.class, () -> RouteParser.parse(text)));
  }

  /** 20,000 mutations, always the same ones: the only exception ever is the one that says why. */
  @Test
  void mutatedRoutesAreReadOrRefused() {
    String[] seeds = {
      "SELECT * FROM /messages/modules/a/outputs/* WHERE $body.a.b[1] = 2 INTO $upstream",
      "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) AND (x = 'y' || \"z\") INTO"
          + " BrokeredEndpoint(\"/modules/m/inputs/i\")",
      "FROM /* WHERE AS_NUMBER(t) + 1.5e3 * -0x1F <= 7 % 2 ?? {$sys} /* c */ INTO $upstream"
    };
    Random random = new Random(42);
    String alphabet = "()<>=!|?{}[]$.,'\"\\/*+-% \tabANDORNOT019xeu\u00e4\ud83d\0";
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(seeds[i % seeds.length]);
      for (int n = random.nextInt(6); n >= 0; n--) {
        int at = random.nextInt(text.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.deleteCharAt(at);
        }
      }
      try {
        RouteParser.parse(text.toString());
      } catch (RouteSyntaxException expected) {
        assertTrue(expected.column() >= 1 && expected.column() <= text.length() + 1);
        refused++;
      }
    }
    assertTrue(refused > 5_000, "only " + refused + " mutations were refused");
  }
}
