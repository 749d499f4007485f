package io.gantry.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "cannot read https://u:hunter2@reg.example/index.xml: 401|"
            + "cannot read https://***@reg.example/index.xml: 401",
        "jdbc:mysql://u:hun@ter2@db/x refused|jdbc:mysql://***@db/x refused",
        "sent Authorization: Basic dTpodW50ZXIy and got 401|sent Authorization: *** and got 401",
        "sent Authorization: hunter2|sent Authorization: ***",
        "Bearer eyJhbGciOi.hunter2.x is not good|Bearer *** is not good",
        "SharedAccessSignature sr=h&sig=hunter2%3D&se=1 is over|SharedAccessSignature *** is over",
        "GET /x?sv=1&sig=hunter2&se=2: 403|GET /x?sv=1&sig=***&se=2: 403",
        "HostName=h;SharedAccessKey=hunter2;x|HostName=h;SharedAccessKey=***;x",
        "login failed: db_password='hunter 2', user=u|login failed: db_password=***, user=u",
        "read {\"user\":\"u\",\"password\" : \"hunter2\"}|read {\"user\":\"u\",\"password\" :"
            + " \"***\"}",
      })
  void whatLooksLikeASecretIsTakenOutOfASentence(String text, String shown) {
    assertEquals(shown, Secrets.hide(text));
    assertEquals(shown, Secrets.hide(shown), "hiding twice changes nothing more");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "modules.a.runtime.token: expected text that is not blank, found nothing",
        "basic authentication is wanted by https://reg.example/plant",
        "bundle com.acme.pump is not in /opt/gantry/repository/index.xml",
        "mail to u@reg.example about http://reg.example/a@b",
        "expects the digest sha256:0123, found sha256:4567",
        "module pump: it needs com.acme.light (colour=red)"
      })
  void whatIsNoneStays(String text) {
    assertEquals(text, Secrets.hide(text));
  }

  /** Texts come from anywhere. */
  @Test
  void aLongTextIsReadInTime() {
    String text = "https://" + "a:".repeat(20_000) + " " + "password".repeat(20_000) + "\"";
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertEquals(text, Secrets.hide(text)));
  }
}
