package io.gantry.agent.client.patch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchTest {

  private static JsonObject json(String text) {
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | {} | {}",
        "{'a':1} | {'a':1} | {}",
        "{'a':1,'b':2} | {'b':2,'a':1} | {}",
        "{'a':1} | {'a':2} | {'a':2}",
        "{'a':1} | {} | {'a':null}",
        "{} | {'a':{'b':1}} | {'a':{'b':1}}",
        "{'a':{'b':1,'c':2}} | {'a':{'b':1,'c':3}} | {'a':{'c':3}}",
        "{'a':{'b':1,'c':2}} | {'a':{'b':1}} | {'a':{'c':null}}",
        "{'a':{'b':1}} | {'a':{}} | {'a':{'b':null}}",
        "{'a':{'b':1}} | {'a':5} | {'a':5}",
        "{'a':5} | {'a':{'b':1}} | {'a':{'b':1}}",
        "{'a':[1,2]} | {'a':[1,3]} | {'a':[1,3]}",
        "{'a':1} | {'a':1.0} | {'a':1.0}",
        "{'a':1} | {'a':null} | {'a':null}",
        "{} | {'a':null} | {}",
        "{'modules':{'m':{'x':1},'n':{'x':1}}} | {'modules':{'n':{'x':1}}} | {'modules':{'m':null}}"
      })
  void aPatchHasWhatChangesAndNothingElse(String from, String to, String patch) {
    assertEquals(json(patch), Patch.between(json(from), json(to)));
  }

  @Test
  void whatATwinCanHoldStaysAsItIs() {
    JsonObject document = json("{'a':{'b':['x',1,true]},'modules':{'m':{'env':{}}}}");
    assertEquals(document, TwinDocument.of(document));
  }

  @Test
  void namesThatATwinCannotHaveAreEncoded() {
    assertEquals(json("{'a%2Eb':{'c%24%23%20':1}}"), TwinDocument.of(json("{'a.b':{'c$# ':1}}")));
  }

  @Test
  void longTextsAreCutToWhatATwinHolds() {
    JsonObject document = new JsonObject();
    document.addProperty("a", "\u20ac".repeat(3000));
    String cut = TwinDocument.of(document).get("a").getAsString();
    assertTrue(cut.endsWith("\u20ac..."));
    assertEquals(4095, cut.getBytes(UTF_8).length);
  }

  @Test
  void aDocumentThatIsTooLargeLosesWhatMattersLeast() {
    JsonObject document = json("{'modules':{}}");
    for (int i = 0; i < 20; i++) {
      JsonObject module = json("{'runtimeStatus':'running','env':{},'settings':{'image':'x'}}");
      module.getAsJsonObject("env").addProperty("NAME", "y".repeat(2000));
      document.getAsJsonObject("modules").add("m" + i, module);
    }
    JsonObject fitting = TwinDocument.of(document);
    assertEquals(
        json("{'runtimeStatus':'running','settings':{'image':'x'}}"),
        fitting.getAsJsonObject("modules").get("m19"));
    assertEquals("env", fitting.get("omitted").getAsString());
    assertTrue(fitting.toString().length() < 32 * 1024);
  }

  /** So many modules, each with an error so long, and what is still told of them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "50 | 40 | status, runtimeStatus, restartCount, lastError, settings",
        "50 | 4000 | status, runtimeStatus, restartCount, lastError, settings",
        "105 | 4000 | status, runtimeStatus, lastError, settings",
        "400 | 4000 | status, runtimeStatus",
        "5000 | 40 | ",
      })
  void whateverModulesSayTheDocumentFits(int modules, int error, String told) {
    JsonObject document =
        json(
            "{'lastDesiredVersion':7,'lastDesiredStatus':{'code':500,'description':'why'},"
                + "'runtime':{'type':'bundle','settings':{'loggingOptions':'x'}},'modules':{}}");
    for (int i = 0; i < modules; i++) {
      JsonObject module =
          json(
              "{'status':'running','runtimeStatus':'failed','restartCount':3,'lastError':'',"
                  + "'settings':{'image':'x','createOptions':'','createOptions01':''},'env':{}}");
      module.addProperty("lastError", "e".repeat(error));
      module.getAsJsonObject("settings").addProperty("createOptions", "y".repeat(512));
      document.getAsJsonObject("modules").add("module" + i, module);
    }
    JsonObject fitting = TwinDocument.of(document);
    assertTrue(fitting.toString().length() <= 32 * 1024);
    assertEquals(500, fitting.getAsJsonObject("lastDesiredStatus").get("code").getAsInt());
    assertTrue(fitting.has("omitted"), "it says that this is not all");
    if (told == null) {
      assertFalse(fitting.has("modules"));
    } else {
      JsonObject module =
          fitting.getAsJsonObject("modules").getAsJsonObject("module" + (modules - 1));
      assertEquals(told, String.join(", ", module.keySet()));
      assertFalse(module.toString().contains("createOptions"), "they go before any state");
    }
  }

  @Test
  void whenTheAgentIsAwayNobodyKnowsHowModulesAre() {
    JsonObject reported =
        json(
            "{'lastDesiredVersion':7,'lastDesiredStatus':{'code':200,'description':''},"
                + "'systemModules':{'edgeHub':{'runtimeStatus':'running','exitCode':0}},"
                + "'modules':{'m':{'runtimeStatus':'backoff','version':'1'}}}");
    assertEquals(
        json(
            "{'lastDesiredVersion':7,"
                + "'lastDesiredStatus':{'code':406,'description':'Agent is not running'},"
                + "'systemModules':{'edgeHub':{'runtimeStatus':'unknown','exitCode':0}},"
                + "'modules':{'m':{'runtimeStatus':'unknown','version':'1'}}}"),
        Absence.of(reported));
    assertEquals(json("{}"), Absence.of(json("{}")));
  }
}
