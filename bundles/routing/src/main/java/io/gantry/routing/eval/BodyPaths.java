package io.gantry.routing.eval;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places in a body that conditions ask for, as a tree, so that one pass over the body collects
 * them all and skips the rest. Filled while routes are compiled, then only read.
 */
public final class BodyPaths {

  private final Node root = new Node();
  private final boolean assumeJson;
  private int slots;

  /**
   * @param assumeJson whether a body that does not say what it is may be taken for JSON in UTF-8
   */
  public BodyPaths(boolean assumeJson) {
    this.assumeJson = assumeJson;
  }

  boolean assumeJson() {
    return assumeJson;
  }

  /** The slot for a path of names (String) and indexes (Integer). */
  int slot(List<Object> path) {
    Node node = root;
    for (Object step : path) {
      node = node.children.computeIfAbsent(step, unknown -> new Node());
    }
    if (node.slot < 0) {
      node.slot = slots++;
    }
    return node.slot;
  }

  int slots() {
    return slots;
  }

  Node root() {
    return root;
  }

  /** One step of paths. */
  static final class Node {

    private final Map<Object, Node> children = new HashMap<>();
    private int slot = -1;

    @Nullable Node child(Object step) {
      return children.get(step);
    }

    boolean isLeaf() {
      return children.isEmpty();
    }

    /** Where the value here goes; -1 when nobody asks for it. */
    int slot() {
      return slot;
    }
  }
}
