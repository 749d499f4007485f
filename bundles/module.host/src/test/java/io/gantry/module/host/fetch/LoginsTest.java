package io.gantry.module.host.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.module.RepositoryLogin;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginsTest {

  @ParameterizedTest
  @CsvSource({
    "reg.example, https://reg.example/x.jar, true",
    "reg.example/, https://reg.example/x.jar, true",
    "REG.example, https://reg.EXAMPLE/x.jar, true",
    "https://reg.example, https://reg.example/x.jar, true",
    "reg.example:443, https://reg.example/x.jar, true",
    "reg.example:8443, https://reg.example:8443/x.jar, true",
    "reg.example/plant, https://reg.example/plant, true",
    "reg.example/plant, https://reg.example/plant/a/x.jar, true",
    "reg.example/plant/, https://reg.example/plant/a/x.jar, true",
    // The beginning of a name is not the name.
    "reg.example, https://reg.example.evil/x.jar, false",
    "reg.example, https://evilreg.example/x.jar, false",
    "reg.example, https://sub.reg.example/x.jar, false",
    "reg.example, https://evil/reg.example/x.jar, false",
    "reg.example, https://reg.example:8443/x.jar, false",
    "reg.example:8443, https://reg.example/x.jar, false",
    "reg.example/plant, https://reg.example/plants/x.jar, false",
    "reg.example/plant, https://reg.example/, false",
    "reg.example/plant, https://reg.example/plant/../other/x.jar, false",
    "reg.example/plant, https://reg.example/plant/%2e%2e/other/x.jar, false",
    "reg.example/Plant, https://reg.example/plant/x.jar, false",
    "http://reg.example, https://reg.example/x.jar, false",
    "user@reg.example, https://reg.example/x.jar, false",
    "'', https://reg.example/x.jar, false",
    "'not an address', https://reg.example/x.jar, false",
  })
  void aLoginIsShownToItsOwnAddressesAndNobodyElse(String login, URI asked, boolean shown)
      throws Exception {
    assertEquals(shown, header(asked, basic(login)).isPresent());
  }

  @Test
  void aUserNameMakesBasicAndNoneMakesBearer() throws Exception {
    URI asked = URI.create("https://reg.example/x");
    // The example of RFC 7617, section 2.1: in UTF-8.
    assertEquals(
        Optional.of("Basic dGVzdDoxMjPCow=="),
        header(asked, new RepositoryLogin("reg.example", Optional.of("test"), "123£")));
    assertEquals(
        Optional.of("Bearer abc.def"),
        header(asked, new RepositoryLogin("reg.example", Optional.empty(), "abc.def")));
  }

  @Test
  void theLoginWithTheLongestPathCounts() throws Exception {
    RepositoryLogin all = new RepositoryLogin("reg.example", Optional.empty(), "all");
    RepositoryLogin plant = new RepositoryLogin("reg.example/plant", Optional.empty(), "plant");
    URI asked = URI.create("https://reg.example/plant/x.jar");
    assertEquals(Optional.of("Bearer plant"), header(asked, all, plant));
    assertEquals(Optional.of("Bearer plant"), header(asked, plant, all));
  }

  @Test
  void nothingIsSentWhereSomebodyCouldListen() throws Exception {
    FetchException refusal =
        assertThrows(
            FetchException.class,
            () -> header(URI.create("http://reg.example/x"), basic("reg.example")));
    assertTrue(refusal.getMessage().contains("expected https"), refusal.getMessage());
    assertFalse(refusal.temporary());
    for (String loopback : List.of("http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x")) {
      URI asked = URI.create(loopback);
      assertTrue(header(asked, basic(asked.getHost())).isPresent(), loopback);
    }
    for (String other : List.of("http://localhost.evil/x", "http://127.0.0.1.evil/x")) {
      URI asked = URI.create(other);
      assertThrows(FetchException.class, () -> header(asked, basic(asked.getHost())), other);
    }
  }

  /** The client would say the header that it refuses, and so the token. */
  @Test
  void aTokenThatIsNoneIsRefusedWithoutSayingIt() {
    FetchException refusal =
        assertThrows(
            FetchException.class,
            () ->
                header(
                    URI.create("https://reg.example/x"),
                    new RepositoryLogin("reg.example", Optional.empty(), "secret\r\nX: y")));
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
  }

  private static Optional<String> header(URI asked, RepositoryLogin... logins)
      throws FetchException {
    return new Logins(Stream.of(logins).toList()).authorization(asked);
  }

  private static RepositoryLogin basic(String address) {
    return new RepositoryLogin(address, Optional.of("u"), "p");
  }
}
