package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import java.util.List;

/** Identities as they stand in the registry; keys only where that is said. */
public final class IdentityFacts {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

  private IdentityFacts() {}

  /** How many there are, and how many of them may connect. */
  record Count(long enabled, long disabled) {

    static Count of(IdentityRegistry registry) {
      List<RegisteredIdentity> all = registry.list();
      long enabled = all.stream().filter(RegisteredIdentity::enabled).count();
      return new Count(enabled, all.size() - enabled);
    }

    @Override
    public String toString() {
      return enabled + " enabled, " + disabled + " disabled";
    }
  }

  /** One line each. */
  public static String text(List<RegisteredIdentity> identities) {
    TextTable table = new TextTable("IDENTITY", "AUTHENTICATION", "STATE", "CREATED", "DECLARED");
    for (RegisteredIdentity one : identities) {
      table.row(
          one.identity().id(),
          name(one.method()),
          state(one),
          one.created().toString(),
          one.declared() ? "by the deployment" : "");
    }
    return table.render(0);
  }

  /** Everything about one, a line for each fact, without keys. */
  public static String text(RegisteredIdentity one) {
    StringBuilder text = new StringBuilder();
    line(text, "identity", one.identity().id());
    line(text, "authentication", name(one.method()));
    line(text, "state", state(one));
    line(text, "created", one.created() + (one.declared() ? ", by the deployment" : ""));
    line(text, "generation", one.generationId());
    if (one.method() instanceof Thumbprints prints) {
      line(text, "primary", prints.primary());
      prints.secondary().ifPresent(second -> line(text, "secondary", second));
    }
    return text.toString();
  }

  /** The keys, as {@link #text} would show them. */
  public static String keys(SasKeys keys) {
    StringBuilder text = new StringBuilder();
    line(text, "primary", keys.primary());
    line(text, "secondary", keys.secondary());
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("%-16s%s\n", name, PlainText.escaped(value)));
  }

  /** All of them in JSON, without keys. */
  public static String json(List<RegisteredIdentity> identities) {
    JsonArray array = new JsonArray();
    identities.forEach(one -> array.add(json(one)));
    return rendered(array);
  }

  /** One of them, without keys. */
  public static JsonObject json(RegisteredIdentity one) {
    JsonObject json = new JsonObject();
    json.addProperty("identity", one.identity().id());
    json.addProperty("deviceId", one.identity().deviceId());
    if (one.identity() instanceof ModuleIdentity module) {
      json.addProperty("moduleId", module.moduleId());
    }
    json.addProperty("auth", name(one.method()));
    json.addProperty("enabled", one.enabled());
    json.addProperty("declared", one.declared());
    json.addProperty("created", one.created().toString());
    json.addProperty("generationId", one.generationId());
    if (one.method() instanceof Thumbprints prints) {
      json.addProperty("primaryThumbprint", prints.primary());
      json.addProperty("secondaryThumbprint", prints.secondary().orElse(null));
    }
    return json;
  }

  /** As it goes over the wire. */
  public static String rendered(JsonElement json) {
    return GSON.toJson(json) + "\n";
  }

  private static String state(RegisteredIdentity one) {
    return one.enabled() ? "enabled" : "disabled";
  }

  /** The method by the name that the command line knows it by. */
  private static String name(AuthenticationMethod method) {
    if (method instanceof SasKeys) {
      return "sas";
    }
    return method instanceof Thumbprints ? "x509-thumbprint" : "x509-authority";
  }
}
