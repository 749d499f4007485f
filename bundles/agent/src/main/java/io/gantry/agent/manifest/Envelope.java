package io.gantry.agent.manifest;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the twins out of a manifest. In the cloud the service does this; without it we do.
 *
 * @param agent desired properties of {@code $edgeAgent}
 * @param hub desired properties of {@code $edgeHub}
 * @param modules desired properties of modules, declared or not; objects with something in them
 */
record Envelope(Node agent, Node hub, Map<String, Node> modules) {

  private static final String AGENT = "$edgeAgent";
  private static final String HUB = "$edgeHub";
  private static final String FOR_EDITORS = "$schema";
  private static final String DESIRED = "properties.desired";

  /** The two twins; missing nodes for those that are not there. */
  static Envelope open(JsonObject manifest, Problems problems) {
    Node root = Node.root("manifest", manifest, problems);
    Node content = content(root);
    if (content.isMissing()) {
      return twins(root, "", problems);
    }
    content.at("modulesContent").requireObject();
    return twins(content, "modulesContent.", problems);
  }

  /** Whether nothing at all is declared. */
  static boolean isEmpty(JsonObject manifest) {
    Node root = Node.root("manifest", manifest, new Problems());
    Node content = content(root);
    return (content.isMissing() ? root : content)
        .json()
        .filter(JsonElement::isJsonObject)
        .filter(json -> json.getAsJsonObject().size() == 0)
        .isPresent();
  }

  private static Node content(Node root) {
    Node content = root.child("content").child("modulesContent");
    return content.isMissing() ? root.child("modulesContent") : content;
  }

  private static Envelope twins(Node content, String prefix, Problems problems) {
    Optional<Node> agent = Optional.empty();
    Optional<Node> hub = Optional.empty();
    Map<String, Node> modules = new LinkedHashMap<>();
    for (Node child : content.children()) {
      Node twin = child.at(prefix + Node.shorten(child.name()));
      if (twin.name().equals(AGENT)) {
        agent = Optional.of(desired(twin, problems));
      } else if (twin.name().equals(HUB)) {
        hub = Optional.of(desired(twin, problems));
      } else if (!twin.name().equals(FOR_EDITORS)) {
        moduleTwin(twin, prefix, problems).ifPresent(desired -> modules.put(twin.name(), desired));
      }
    }
    return new Envelope(
        agent.orElseGet(() -> Node.root(prefix + AGENT, null, problems)),
        hub.orElseGet(() -> Node.root(prefix + HUB, null, problems)),
        modules);
  }

  /** Beside the bare pair stands what an author notes for himself, too. */
  private static Optional<Node> moduleTwin(Node twin, String prefix, Problems problems) {
    if (prefix.isEmpty() && twin.json().filter(JsonElement::isJsonObject).isEmpty()) {
      twin.warn("has no effect, it is no module with desired properties");
      return Optional.empty();
    }
    Node desired = desired(twin, problems);
    return desired.requireObject() && !desired.children().isEmpty()
        ? Optional.of(desired)
        : Optional.empty();
  }

  private static Node desired(Node twin, Problems problems) {
    String path = twin.path();
    if (twin.json().isEmpty() || !twin.json().get().isJsonObject()) {
      return twin;
    }
    Node nested = twin.child("properties").child("desired");
    if (!nested.isMissing()) {
      return nested.at(path + "." + DESIRED);
    }
    List<Node> layers = new ArrayList<>();
    for (Node member : twin.children()) {
      if (member.name().toLowerCase(Locale.ROOT).startsWith(DESIRED + ".")) {
        layers.add(member);
      }
    }
    Node whole = twin.child(DESIRED);
    if (whole.isMissing() && layers.isEmpty()) {
      return twin;
    }
    String base = path + "." + DESIRED;
    if (layers.isEmpty()) {
      return whole.at(base);
    }
    return Node.root(base, layered(whole, layers, base, problems), problems);
  }

  /** The whole section with each layer set at its path, later layers over earlier ones. */
  private static JsonElement layered(
      Node whole, List<Node> layers, String path, Problems problems) {
    if (!whole.isAbsent() && !whole.at(path).requireObject()) {
      return new JsonObject();
    }
    JsonObject result =
        whole.json().map(json -> json.getAsJsonObject().deepCopy()).orElseGet(JsonObject::new);
    for (Node layer : layers) {
      String subPath = layer.name().substring(DESIRED.length() + 1);
      if (!set(result, subPath.split("\\.", -1), layer)) {
        problems.error(
            path + "." + subPath + ": expected a path of names through objects, found another");
      }
    }
    return result;
  }

  private static boolean set(JsonObject into, String[] names, Node layer) {
    JsonObject at = into;
    for (int i = 0; i < names.length - 1; i++) {
      String name = spelling(at, names[i], i);
      if (!at.has(name)) {
        at.add(name, new JsonObject());
      }
      if (names[i].isEmpty() || !at.get(name).isJsonObject()) {
        return false;
      }
      at = at.getAsJsonObject(name);
    }
    String last = names[names.length - 1];
    at.add(spelling(at, last, names.length - 1), layer.json().orElse(JsonNull.INSTANCE));
    return !last.isEmpty();
  }

  /** Sections are found in whatever case, as everywhere; what people named is taken exactly. */
  private static String spelling(JsonObject object, String name, int depth) {
    if (depth > 0) {
      return name;
    }
    for (Map.Entry<String, JsonElement> member : object.entrySet()) {
      if (member.getKey().equalsIgnoreCase(name)) {
        return member.getKey();
      }
    }
    return name;
  }
}
