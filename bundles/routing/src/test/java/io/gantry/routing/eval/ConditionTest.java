package io.gantry.routing.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.routing.lang.RouteParser;
import io.gantry.routing.lang.RouteSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables of edge cases that the vendor's own tests fix (IoT Edge routing, condition compiler),
 * except its known defects. A condition that is undefined or null does not fire, which is all that
 * can be seen from outside; {@code NOT} and {@code ??} tell the kinds of "does not" apart.
 */
class ConditionTest {

  private static final String BODY =
      """
      {"t":21,"ok":true,"off":false,"s":"text","n":null,"date":"2026-01-01T00:00:00Z",
       "a":{"b":[1,2,{"c":"deep"}]},"t50":50,"big":1e400}\
      """;

  private static final Message MESSAGE =
      Message.json(BODY)
          .withProperty("key1", "value1")
          .withProperty("key2", "3")
          .withProperty("nul", null)
          .withProperty("level", "high")
          .withProperty("content-type", "x")
          .withProperty("$sys4", "application")
          .withSystemProperty("sys4", "system")
          .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "thermo1");

  private static boolean fires(String condition, Message message) throws RouteSyntaxException {
    BodyPaths paths = new BodyPaths(false);
    Condition compiled =
        new ConditionCompiler(paths)
            .compile(
                RouteParser.parse("FROM /* WHERE " + condition + " INTO $upstream").condition());
    return compiled.holds(new Scope(message, paths));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '^',
      value = {
        // properties
        "key1 = 'value1' => true",
        "KEY1 = 'value1' => true",
        "key1 = \"value1\" => true",
        "key1 = 'VALUE1' => false",
        "key1 != 'value1' => false",
        "key1 <> 'other' => true",
        "key1!='other' => true",
        "content-type = 'x' => true",
        "'a' < 'b' => true",
        "key1 > 'a' and key1 < 'z' => true",
        "level = 'high' => true",
        "$connectionDeviceId = 'thermo1' => true",
        "$CONNECTIONDEVICEID = 'thermo1' => true",
        "$contentType = 'application/json' => true",
        "$sys4 = 'application' => true",
        "{$sys4} = 'system' => true",
        "NOT IS_DEFINED($connectionModuleId) => true",
        // three values
        "3 => false",
        "'a string' => false",
        "true => true",
        "true and not true => false",
        "null => false",
        "not null => true",
        "null or true => true",
        "null or false => false",
        "(null or $body.s) ?? true => true",
        "not (null or false) => true",
        "null and null => false",
        "undefined and false => false",
        "not (undefined and false) => true",
        "undefined or true => true",
        "not (none = 'x') => false",
        "none = 'x' => false",
        "none != 'x' => false",
        "'a' < none => false",
        "missing = 'x' OR 1 = 1 => true",
        "(none = 'x') ?? true => true",
        "(none ?? 'hello') = 'hello' => true",
        // numbers
        "as_number(none) = 3 => false",
        "AS_NUMBER(key2) = 3 => true",
        "as_number(key2) + 1 = 4 => true",
        "AS_NUMBER(level) > 3 => false",
        "as_number('10e10') = 10e10 => true",
        "as_number('10e1000') = 1/0 => true",
        "as_number('NaN') = as_number('NaN') => false",
        "as_number('1d') = 1 => false",
        "0x10 = 16 => true",
        "1.5e1 = 15 => true",
        "-1 < 0 => true",
        "1 + 2 * 3 = 7 => true",
        "(1 + 2) * 3 = 9 => true",
        "7 % 4 = 3 => true",
        "10 - 4 - 3 = 3 => true",
        "3 % 0 = 3 % 0 => false",
        "is_defined(3 % 0) => false",
        "is_defined(3 / 0) => true",
        "is_number(3/0) => false",
        "null + 3 = 3 => true",
        // types
        "is_defined(nul) => true",
        "is_null(nul) => true",
        "is_string(nul) => false",
        "is_defined(none) => false",
        "is_null(none) => false",
        "is_string(key1) => true",
        "is_number(key2) => false",
        "is_bool(true) => true",
        "is_bool(null) => false",
        // texts
        "concat('a', nul, 'd') = 'ad' => true",
        "is_defined(concat('a', none)) => false",
        "'a' || 'b' = 'ab' => true",
        "is_defined(length(nul)) => false",
        "length('abc') = 3 => true",
        "is_defined(lower(none)) => false",
        "lower('ABC') = 'abc' => true",
        "upper(key1) = 'VALUE1' => true",
        "is_defined(contains(nul,'1')) => false",
        "contains(key1, 'lue') => true",
        "is_defined(index_of(none,'1')) => false",
        "index_of('abc','c') = 2 => true",
        "index_of('abc','x') = -1 => true",
        "starts_with(key1, 'val') => true",
        "ends_with(key1, '1') => true",
        "substring('abc',1) = 'bc' => true",
        "substring('abc',1,1) = 'b' => true",
        "substring('abc',3) = '' => true",
        "is_defined(substring('abc',4)) => false",
        "is_defined(substring('abc',-1)) => false",
        "is_defined(substring('abc',0,-1)) => false",
        "'a\\u0062' = 'ab' => true",
        "'it\\'s' = \"it's\" => true",
        // math
        "abs(-2) = 2 => true",
        "power(2,3) = 8 => true",
        "square(3) = 9 => true",
        "sqrt(9) = 3 => true",
        "ceiling(1.2) = 2 => true",
        "floor(1.8) = 1 => true",
        "sign(-5) = -1 => true",
        "exp(0) = 1 => true",
        "is_defined(sqrt(-1)) => false",
        // the body
        "$body.t > 20 AND $body.ok => true",
        "$body.off => false",
        "not $body.off => true",
        "$BODY.s = 'text' => true",
        "$body.a.b[1] = 2 => true",
        "$body.a.b[2].c = 'deep' => true",
        "$body.a.b[9] = null => true",
        "$body.missing <> '100' => true",
        "$body.missing = null => true",
        "$body.n = null => true",
        "$body.t50 = '50' => false",
        "$body.t50 != '50' => true",
        "$body.t50 > '5' => false",
        "is_defined($body) => false",
        "$body.a <> null => false",
        "none <> $body.missing => false",
        "$body.t = as_number('21') => true",
        // done right where the vendor's edge is wrong
        "is_defined($body.missing) => false",
        "is_null($body.n) => true",
        "is_null($body.t) => false",
        "is_null($body.missing) => false",
        "$body.date <> '100' => true",
        "$body.date > '2025' => true",
        // comments, case
        "/* why */ key1 = /* not */ 'value1' => true",
        "key1 = 'value1' aNd TRUE = 'x' => false"
      })
  void conditionsFireAsTheTableSays(String condition, boolean expected) throws Exception {
    assertEquals(expected, fires(condition, MESSAGE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key2 = 3",
        "3 + key2",
        "level > 3",
        "NOT level",
        "-level",
        "level AND true",
        "length(3)",
        "length(null)",
        "lower(undefined)",
        "abs('x')",
        "abs(level)",
        "concat('a')",
        "contains('a')",
        "power(2)",
        "unknown_function(1)",
        "key1 == 'value1'",
        "$body.properties[]",
        "$body.a[1:2]",
        "$body;@",
        "$twin.tags.x = 'y'",
        "key1 = ",
        "(key1 = 'a'",
        "key1 = 'a",
        "key1 = 'a' key2 = 'b'",
        "12abc = 1",
        "{$sys4",
        "/* open",
        "'\\x' = 'a'",
        "and = 'x'"
      })
  void whatCannotBeRightIsRefusedWhenTheRouteIsMade(String condition) {
    assertThrows(RouteSyntaxException.class, () -> fires(condition, MESSAGE));
  }

  @ParameterizedTest
  @CsvSource({"application/json,", "text/plain,utf-8", ",utf-8", "application/json,latin-1"})
  void aBodyThatIsNotDeclaredAsJsonIsUndefined(String type, String encoding) throws Exception {
    Message message = Message.of(Payload.ofText(BODY));
    if (type != null) {
      message = message.withSystemProperty(SystemProperty.CONTENT_TYPE, type);
    }
    if (encoding != null) {
      message = message.withSystemProperty(SystemProperty.CONTENT_ENCODING, encoding);
    }
    assertTrue(fires("not is_defined($body.t)", message));
    assertEquals(false, fires("$body.t > 20 AND $body.ok", message));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[1]", "{\"t\":21}x", "{'t':21}", "{\"t\":}", "nope"})
  void aBodyThatIsNoJsonObjectIsUndefinedAndNoError(String body) throws Exception {
    assertEquals(false, fires("$body.t = 21 or $body.t = null", Message.json(body)));
  }

  @Test
  void aBodyNestedTooDeeplyIsUndefinedAndNoError() throws Exception {
    String deep = "{\"t\":21,\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertEquals(false, fires("$body.t = 21", Message.json(deep)));
  }

  /** One body is not defined for one route and undefined for another. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"t\":21,\"x\":{\"y\":[1,]}}",
        "{\"t\":21,\"x\":\"\\q\"}",
        "{\"t\":21,\"x\":\"\\u12g4\"}",
        "{\"t\":21,\"x\":01}",
        "{\"t\":21,\"x\":NaN}",
        "{\"t\":21,\"x\":{y:1}}",
        "{\"t\":21,\"x\":[1 2]}",
        "{\"t\":21,\"x\":[1}}",
        "{\"t\":21,\"x\":\"open}"
      })
  void aMistakeWhereNobodyLooksMakesTheWholeBodyUndefined(String body) throws Exception {
    assertEquals(false, fires("$body.t = 21", Message.json(body)));
    assertEquals(false, fires("$body.t = 21 AND NOT is_defined($body.x.y)", Message.json(body)));
  }

  /** The body itself is the first of 64 levels. */
  @ParameterizedTest
  @CsvSource({"63,true", "64,false"})
  void theLevelsOfABodyAreCountedAlikeWhereOneLooksAndWhereNobodyDoes(int inner, boolean read)
      throws Exception {
    String body = "{\"t\":21,\"x\":" + "[".repeat(inner) + "1" + "]".repeat(inner) + "}";
    assertEquals(read, fires("$body.t = 21", Message.json(body)));
    String path = "$body.x" + "[0]".repeat(inner);
    assertEquals(read, fires(path + " = 1", Message.json(body)));
  }

  @Test
  void otherEncodingsOfUnicodeAreRead() throws Exception {
    Message message =
        Message.of(Payload.wrap("{\"t\":21}".getBytes(java.nio.charset.StandardCharsets.UTF_16)))
            .withSystemProperty(SystemProperty.CONTENT_TYPE, "Application/JSON")
            .withSystemProperty(SystemProperty.CONTENT_ENCODING, "UTF-16");
    assertTrue(fires("$body.t = 21", message));
  }

  @Test
  void theErrorSaysWhereAndWhatToWriteInstead() {
    RouteSyntaxException error =
        assertThrows(RouteSyntaxException.class, () -> fires("level > 3", MESSAGE));
    assertEquals("FROM /* WHERE level ".length() + 1, error.column());
    assertTrue(error.getMessage().contains("AS_NUMBER"), error.getMessage());
  }
}
