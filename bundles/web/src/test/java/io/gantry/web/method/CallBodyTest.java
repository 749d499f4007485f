package io.gantry.web.method;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.method.MethodCall;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallBodyTest {

  private static final DeviceIdentity TARGET = new DeviceIdentity("thermo1");

  private static MethodCall parse(String body) throws RequestException {
    return CallBody.parse(TARGET, body.getBytes(UTF_8));
  }

  @Test
  void allThatACallSaysIsTakenOver() throws RequestException {
    assertEquals(
        new MethodCall(
            TARGET,
            new MethodRequest("größe", "{\"a\":[1,null,\"<ü>\"],\"n\":12345678901234567890.10}"),
            Duration.ofSeconds(7),
            Duration.ofSeconds(9)),
        parse(
            " { \"methodName\": \"größe\", \"responseTimeoutInSeconds\": 7, \"x\": {\"y\": []},"
                + " \"payload\": {\"a\": [1, null, \"<ü>\"], \"n\": 12345678901234567890.10},"
                + " \"connectTimeoutInSeconds\": 9 } "));
  }

  @Test
  void whatIsNotSaidHasADefault() throws RequestException {
    MethodCall expected =
        new MethodCall(
            TARGET, new MethodRequest("m", "null"), Duration.ofSeconds(30), Duration.ZERO);
    assertEquals(expected, parse("{\"methodName\":\"m\"}"));
    assertEquals(
        expected,
        parse(
            "{\"methodName\":\"m\",\"payload\":null,\"responseTimeoutInSeconds\":null,"
                + "\"connectTimeoutInSeconds\":null}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"methodName\":null}",
        "{\"methodName\":5}",
        "{\"methodName\":\"m\"",
        "{\"methodName\":\"m\"}}",
        "{\"methodName\":\"m\"} x",
        "{\"methodName\":\"m\",\"methodName\":\"n\"}",
        "{'methodName':'m'}",
        "{methodName:\"m\"}",
        "{\"methodName\":\"m\",\"payload\":}",
        "{\"methodName\":\"m\",\"payload\":NaN}",
        "{\"methodName\":\"m\",\"payload\":{\"a\":1,}}",
        "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":\"30\"}",
        "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":1.5}",
        "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":99999999999}",
        "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":{}}",
      })
  void whatIsMalformedIsRefusedWith400(String body) {
    assertEquals(400, assertThrows(RequestException.class, () -> parse(body)).status());
  }

  @Test
  void whatIsNotUtf8IsRefusedWith400() {
    byte[] latin = "{\"methodName\":\"größe\"}".getBytes(ISO_8859_1);
    assertEquals(
        400, assertThrows(RequestException.class, () -> CallBody.parse(TARGET, latin)).status());
  }

  /** Whoever walks through a tree by recursion would run out of stack. */
  @Test
  void endlessNestingIsRefusedWith400() {
    String body = "{\"methodName\":\"m\",\"payload\":" + "[".repeat(100_000);
    assertEquals(400, assertThrows(RequestException.class, () -> parse(body)).status());
  }
}
