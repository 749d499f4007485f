package io.gantry.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "PERIOD_MS|500|500",
        "DB_PASSWORD|hunter2|***",
        "db.pwd|hunter2|***",
        "apiKey|hunter2|***",
        "Connection-String|x|***",
        "KEYBOARD|qwerty|qwerty",
        "UPSTREAM|HostName=h;SharedAccessKey=aGk=|***",
      })
  void whatLooksLikeASecretByNameOrValueIsHidden(String name, String value, String shown) {
    assertEquals(shown, Masking.value(name, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"configuration\":{\"p\":{\"host\":\"h\",\"password\":\"x\"}}}|"
            + "{\"configuration\":{\"p\":{\"host\":\"h\",\"password\":\"***\"}}}",
        "{\"secrets\":{\"a\":1},\"tokens\":[\"a\"]}|{\"secrets\":{\"a\":1},\"tokens\":\"***\"}",
        "{\"Env\":[\"A=1\",\"DB_PASSWORD=x\"]}|{\"Env\":[\"A=1\",\"DB_PASSWORD=***\"]}",
        "{}|{}",
        "{\"unclosed\"|***",
      })
  void membersOfJsonAreHiddenOneByOne(String json, String shown) {
    assertEquals(shown, Masking.json(json));
  }
}
