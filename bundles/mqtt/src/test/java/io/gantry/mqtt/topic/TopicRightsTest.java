package io.gantry.mqtt.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicRightsTest {

  private static Identity identity(String id) {
    String[] parts = id.split("/");
    return parts.length == 1 ? new DeviceIdentity(id) : new ModuleIdentity(parts[0], parts[1]);
  }

  private static ClientRights rights(String id, String... rules) {
    return TopicRights.of(List.of(rules)).of(identity(id));
  }

  @ParameterizedTest
  @CsvSource({
    "press1 use plant/#,           press1,     true",
    "press1 use plant/#,           press2,     false",
    "press1 use plant/#,           press1/m,   false",
    "* use plant/#,                press1,     true",
    "* use plant/#,                press1/m,   false",
    "*/* use plant/#,              press1/m,   true",
    "press1/* use plant/#,         press1/m,   true",
    "press1/* use plant/#,         press2/m,   false",
    "*/m use plant/#,              press2/m,   true",
    "press1/m use plant/#,         press1/m,   true",
    "press1/m use plant/#,         press1/n,   false",
  })
  void aRuleIsForThoseItNames(String rule, String id, boolean permitted) {
    assertEquals(permitted, rights(id, rule).mayPublish("plant/line1"));
    assertEquals(permitted, rights(id, rule).maySubscribe("plant/+"));
  }

  @Test
  void publishingAndSubscribingAreTwoThings() {
    ClientRights rights = rights("d", "d publish a/#", "d subscribe b/#");
    assertTrue(rights.mayPublish("a/x") && rights.maySubscribe("b/x"));
    assertFalse(rights.mayPublish("b/x") || rights.maySubscribe("a/x"));
  }

  @Test
  void placeholdersStandForTheIdsOfTheClient() {
    String rule = "*/* use {deviceid}/x/{moduleid}/+";
    assertTrue(rights("d/m", rule).mayPublish("d/x/m/1"));
    assertFalse(rights("d/m", rule).mayPublish("d/x/n/1"));
    assertFalse(rights("d/m", rule).mayPublish("d/x/m/1/2"));
    assertFalse(rights("d/+", rule).mayPublish("d/x/n/1"));
    assertFalse(rights("#/m", rule).mayPublish("d/x/m/1"));
  }

  @ParameterizedTest
  @CsvSource({
    "#,       a/b,   true",
    "#,       #,     true",
    "a/#,     a,     true",
    "a/#,     a/#,   true",
    "a/#,     a/+/#, true",
    "a/#,     +/b,   false",
    "a/#,     #,     false",
    "a/+,     a/b,   true",
    "a/+,     a/+,   true",
    "a/+,     a/#,   false",
    "a/+,     a,     false",
    "a/+/c,   a/b/c, true",
    "a/+/c,   a/+/c, true",
    "a/+/c,   a/b/+, false",
    "a/b,     a/b,   true",
    "a/b,     a/+,   false",
    "a/b,     a/b/c, false",
  })
  void aFilterIsPermittedWhenAllThatItMatchesIs(String permitted, String asked, boolean may) {
    assertEquals(may, rights("d", "d subscribe " + permitted).maySubscribe(asked));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "d",
        "d use",
        "d use a b",
        "d read a/#",
        "d use a/#/b",
        "d use $iothub/#",
        "d use devices/#",
        "d use $SYS/#",
        "a/b/c use x",
        "/b use x",
        "a/ use x",
        "* use {moduleid}/#"
      })
  void aRuleThatCannotBeReadIsNamed(String rule) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> TopicRights.of(List.of(rule)));
    assertTrue(refused.getMessage().startsWith("topic rule '" + rule + "': expected "));
  }
}
