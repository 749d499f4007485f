package io.gantry.web.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.api.module.RequestException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/twins/d/methods",
        "/twins/d/methods?api-version=2020-09-30",
        "/twins/d/methods#x?y",
        "https://gw/twins/d/methods",
        "HTTPS://gw:443/twins/d/methods?a=/b",
        "http://[::1]:443/twins/d/methods",
      })
  void schemeHostAndQueryPlayNoPart(String text) throws RequestException {
    assertEquals(List.of("twins", "d", "methods"), Target.of(text).segments());
  }

  @Test
  void segmentsAreDecodedOneByOne() throws RequestException {
    assertEquals(
        List.of("a/b", "%2F", "ü+ ", ""), Target.of("/a%2fb/%252F/%C3%BC+%20/").segments());
  }

  @Test
  void anAddressWithoutAPathIsTheRoot() throws RequestException {
    assertEquals(List.of(""), Target.of("https://gw").segments());
    assertEquals(List.of(""), Target.of("https://gw?x").segments());
    assertEquals(List.of(""), Target.of("/").segments());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*", "gw:443", "ftp://gw/x", "/%", "/%4", "/%zz", "/%ff", "/a%c3b"})
  void whatIsNoTargetIsRefusedWith400(String text) {
    assertEquals(400, assertThrows(RequestException.class, () -> Target.of(text)).status());
  }
}
