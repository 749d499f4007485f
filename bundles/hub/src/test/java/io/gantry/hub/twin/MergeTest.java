package io.gantry.hub.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeTest {

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '^',
      value = {
        "{} => {\"a\":1} => {\"a\":1}",
        "{\"a\":1,\"b\":2} => {\"a\":null} => {\"b\":2}",
        "{\"a\":{\"x\":1,\"y\":2}} => {\"a\":{\"y\":null,\"z\":3}} => {\"a\":{\"x\":1,\"z\":3}}",
        "{\"a\":1} => {\"a\":{\"x\":null}} => {\"a\":{}}",
        "{\"a\":{\"x\":1}} => {\"a\":[1]} => {\"a\":[1]}",
        "{\"a\":[1,2]} => {\"a\":[3]} => {\"a\":[3]}",
        "{\"a\":1} => {\"b\":null} => {\"a\":1}",
      })
  void objectsMergeNullRemovesAndEverythingElseReplaces(
      String document, String patch, String expected) {
    assertEquals(expected, Merge.apply(json(document), json(patch)).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '^',
      value = {
        "{\"a\":1} => {\"a\":1} => {}",
        "{\"a\":1} => {\"a\":1.0} => {\"a\":1.0}",
        "{\"a\":1,\"b\":1} => {\"b\":2} => {\"a\":null,\"b\":2}",
        "{\"a\":{\"x\":1,\"y\":2}} => {\"a\":{\"x\":1}} => {\"a\":{\"y\":null}}",
        "{\"a\":1} => {\"a\":{}} => {\"a\":{}}",
        "{\"a\":[1,2]} => {\"a\":[1,3]} => {\"a\":[1,3]}",
      })
  void theDifferenceSaysNoMoreThanItMust(String from, String to, String expected) {
    assertEquals(expected, Merge.difference(json(from), json(to)).toString());
  }

  /** Against a model that knows no tree; nothing that is given changes. */
  @Test
  void patchesDoWhatANaiveModelDoesAndDifferencesLeadFromAnyDocumentToAnyOther() {
    RandomPatch patches = new RandomPatch(new Random(7));
    JsonObject document = new JsonObject();
    FlatDocument model = new FlatDocument();
    JsonObject earlier = document;
    for (int i = 0; i < 20_000; i++) {
      JsonObject patch = patches.next();
      String before = document.toString();
      JsonObject merged = Merge.apply(document, patch);
      model.apply(patch.toString());
      assertEquals(model, FlatDocument.of(merged.toString()), before + " with " + patch);
      assertEquals(before, document.toString());
      JsonObject difference = Merge.difference(earlier, merged);
      JsonObject reached = Merge.apply(earlier, difference);
      assertEquals(
          FlatDocument.of(merged.toString()),
          FlatDocument.of(reached.toString()),
          earlier + " to " + merged + " by " + difference);
      document = merged;
      if (i % 17 == 0) {
        earlier = merged;
      }
    }
  }
}
