package io.gantry.hub.twin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A document as a naive model has it: each place by its whole path, without any tree. Two that hold
 * the same are equal.
 */
public final class FlatDocument {

  private static final String OBJECT = "an object";

  private final Map<List<String>, String> places = new HashMap<>();

  /** The document of a JSON text. */
  public static FlatDocument of(String json) {
    FlatDocument document = new FlatDocument();
    document.apply(json);
    return document;
  }

  /** Changes it. */
  public void apply(String patch) {
    apply(List.of(), JsonParser.parseString(patch).getAsJsonObject());
  }

  private void apply(List<String> above, JsonObject patch) {
    for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
      List<String> place = new ArrayList<>(above);
      place.add(entry.getKey());
      JsonElement value = entry.getValue();
      boolean staysObject = value.isJsonObject() && OBJECT.equals(places.get(place));
      if (!staysObject) {
        places.keySet().removeIf(other -> isWithin(other, place));
      }
      if (value.isJsonObject()) {
        places.put(place, OBJECT);
        apply(place, value.getAsJsonObject());
      } else if (!value.isJsonNull()) {
        places.put(place, value.toString());
      }
    }
  }

  private static boolean isWithin(List<String> place, List<String> of) {
    return place.size() >= of.size() && place.subList(0, of.size()).equals(of);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlatDocument document && places.equals(document.places);
  }

  @Override
  public int hashCode() {
    return places.hashCode();
  }

  @Override
  public String toString() {
    return places.toString();
  }
}
