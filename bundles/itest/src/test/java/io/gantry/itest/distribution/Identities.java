package io.gantry.itest.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.security.SasToken;
import java.time.Instant;
import java.util.Base64;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;

/** Devices and modules of the tests, all with one key that the tests know. */
public final class Identities {

  private static final String KEY =
      Base64.getEncoder().encodeToString("a key that only tests may use!!!".getBytes(UTF_8));
  private static final Instant FAR = Instant.parse("2099-01-01T00:00:00Z");
  private static final String HUB = "gantry.local";
  private static final int LIMIT_MILLIS = 20_000;
  private static final int EXISTS = 409;

  private Identities() {}

  /** Registers one with a running instance, if it is not registered yet. */
  static void register(Instance instance, String id) {
    JsonObject wanted = new JsonObject();
    wanted.addProperty("identity", id);
    wanted.addProperty("auth", "sas");
    wanted.addProperty("primaryKey", KEY);
    wanted.addProperty("secondaryKey", KEY);
    try {
      Instance.Answer answer =
          instance.post(
              "/v1/identities/create",
              "application/json",
              wanted.toString().getBytes(UTF_8),
              LIMIT_MILLIS);
      if (answer.status() / 100 != 2 && answer.status() != EXISTS) {
        throw new AssertionError(id + ": " + answer.status() + " " + answer.body());
      }
    } catch (CommandException e) {
      throw new AssertionError(id, e);
    }
  }

  private static Identity identity(String id) {
    String[] parts = id.split("/");
    return parts.length == 1 ? new DeviceIdentity(id) : new ModuleIdentity(parts[0], parts[1]);
  }

  /** What such a client shows as its password; its user name is its id. */
  public static String token(String id) {
    return SasToken.sign(HUB, identity(id), KEY, FAR);
  }

  /** Makes a client of Eclipse Paho show it. */
  public static MqttConnectOptions login(MqttConnectOptions options, String id) {
    options.setUserName(id);
    options.setPassword(token(id).toCharArray());
    return options;
  }
}
