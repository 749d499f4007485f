package io.gantry.spi.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

  private static final String DIGEST = "a".repeat(64);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "com.acme.reader                     | -                       | com.acme.reader | -",
        "com.acme.reader:1.4                 | -                       | com.acme.reader | 1.4",
        "com.acme.reader:1.4.0.v2026         | -                       | com.acme.reader |"
            + " 1.4.0.v2026",
        "com.acme.reader:[1.0,2)             | -                       | com.acme.reader | [1.0,2)",
        "plant.example:8443/acme/reader:1.0  | plant.example:8443/acme | reader          | 1.0",
        "https://plant.example/r/reader      | https://plant.example/r | reader          | -",
      })
  void theFormsThatAManifestMayUse(String text, String repository, String name, String version) {
    ImageReference image = ImageReference.parse(text);
    assertEquals(Optional.ofNullable(repository), image.repository());
    assertEquals(name, image.symbolicName());
    assertEquals(Optional.ofNullable(version), image.version());
    assertEquals(text.strip(), image.toString());
  }

  @Test
  void aDigestIsKeptInLowerCase() {
    ImageReference image = ImageReference.parse("a.b:1.0@sha256:" + DIGEST.toUpperCase());
    assertEquals(Optional.of(DIGEST), image.digest());
    assertEquals(Optional.of("1.0"), image.version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "a:latest",
        "a:1.0.0.0.0",
        "a:[1.0",
        "a:(1,2,3)",
        "a@sha256:12",
        "a@md5:1",
        "repo/"
      })
  void whatIsNoImageIsRefusedWithTheTextThatWasGiven(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ImageReference.parse(text));
    assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://u:hunter2@plant.example/r/reader:1.0",
        "HTTP://u:hunter2@plant.example",
        "https://plant.example/r?sig=hunter2/reader",
        "https://plant.example/r#hunter2/reader"
      })
  void anAddressWithASecretIsRefusedWithoutRepeatingIt(String text) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ImageReference.parse(text));
    assertTrue(refused.getMessage().contains("registryCredentials"), refused.getMessage());
    assertFalse(refused.getMessage().contains("hunter2"), refused.getMessage());
  }
}
