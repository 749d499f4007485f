package io.gantry.spi.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SasTokenTest {

  private static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  private static final String OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

  private static Identity identity(String device, String module) {
    return module == null ? new DeviceIdentity(device) : new ModuleIdentity(device, module);
  }

  @ParameterizedTest
  @CsvSource({
    "dev1,, hub1.azure-devices.net%2Fdevices%2Fdev1, KwSdZzoREBvWgmiO4eBNTYxoDmLvjbB0ctBmhcMhskw%3D",
    "dev1, reader, hub1.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2Freader,"
        + " 9zCZDz95uv9vpMvy0yG0apZSPiDdi3dAKcw5%2BRCnUq4%3D",
    "dev1, $edgeHub, hub1.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2F%2524edgeHub,"
        + " g244WZi1wxD344RyMsr7FLUZWIeeImR%2BoHTcajIwzHE%3D"
  })
  void theKnownVectorsAreReadVerifiedAndMade(
      String device, String module, String resource, String signature) {
    Identity identity = identity(device, module);
    String text = "SharedAccessSignature sr=" + resource + "&sig=" + signature + "&se=1893456000";
    SasToken token = SasToken.parse(text);
    assertEquals("hub1.azure-devices.net", token.host());
    assertEquals(identity, token.identity());
    assertEquals(Instant.ofEpochSecond(1893456000), token.expiresAt());
    assertTrue(token.isSignedBy(KEY));
    assertFalse(token.isSignedBy(OTHER_KEY));
    assertEquals(
        text,
        SasToken.sign("hub1.azure-devices.net", identity, KEY, Instant.ofEpochSecond(1893456000)));
  }

  @Test
  void theSignatureIsOverTheResourceAsItStandsThere() {
    // Azure's Java SDK writes the resource without encoding it as a whole, and the fields in
    // another order. The signature was computed apart from this code.
    String text =
        "SharedAccessSignature sig=lq9qPEUFVipo9z0UDRHsG0kb177P%2FrkL6e9rMXK9jv4%3D&se=1893456000"
            + "&sr=hub/devices/dev%2B1";
    SasToken token = SasToken.parse(text);
    assertEquals(new DeviceIdentity("dev+1"), token.identity());
    assertTrue(token.isSignedBy(KEY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sr=h%2Fdevices%2Fd&sig=AAAA&se=1",
        "SharedAccessSignature ",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&sig=AAAA",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&se=1",
        "SharedAccessSignature sig=AAAA&se=1",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&sig=AAAA&se=x",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&sig=AAAA&se=-1",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&sig=A*&se=1",
        "SharedAccessSignature sr=h%2Fdevices%2Fd&sr=h%2Fdevices%2Fe&sig=AAAA&se=1",
        "SharedAccessSignature sr=h&sig=AAAA&se=1",
        "SharedAccessSignature sr=h%2Fdevices%2F&sig=AAAA&se=1",
        "SharedAccessSignature sr=h%2Fdevices%2Fd%2Fmodules&sig=AAAA&se=1",
        "SharedAccessSignature sr=h%2Fdevices%2Fa%20b&sig=AAAA&se=1",
        "SharedAccessSignature &&&"
      })
  void whatIsNoTokenIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> SasToken.parse(text));
  }

  @Test
  void aTextThatIsTooLongIsNotRead() {
    String text = "SharedAccessSignature sr=" + "a".repeat(SasToken.MAX_LENGTH);
    assertThrows(IllegalArgumentException.class, () -> SasToken.parse(text));
  }
}
