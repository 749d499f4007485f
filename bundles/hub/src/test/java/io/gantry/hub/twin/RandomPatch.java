package io.gantry.hub.twin;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Random;

/** Patches of few names, so that they meet. */
public final class RandomPatch {

  private final Random random;

  public RandomPatch(Random random) {
    this.random = random;
  }

  /** The next one. */
  public JsonObject next() {
    return object(3);
  }

  private JsonObject object(int depth) {
    JsonObject object = new JsonObject();
    for (int i = random.nextInt(4); i > 0; i--) {
      object.add(String.valueOf((char) ('a' + random.nextInt(3))), value(depth));
    }
    return object;
  }

  private JsonElement value(int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> JsonNull.INSTANCE;
      case 1 -> new JsonPrimitive(random.nextInt(3));
      case 2 -> new JsonPrimitive("text " + random.nextInt(2));
      case 3 -> new JsonPrimitive(random.nextBoolean());
      case 4 -> array();
      default -> object(depth - 1);
    };
  }

  private JsonArray array() {
    JsonArray array = new JsonArray();
    for (int i = random.nextInt(3); i > 0; i--) {
      array.add(random.nextInt(2));
    }
    return array;
  }
}
