package io.gantry.itest.walls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.distribution.Folder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * No component takes a service from one that takes a service from it, however many are between: the
 * framework leaves one of the services out when both come up at once, and says so only in the log.
 */
class ComponentCycleTest {

  private static final String COMPONENTS = "Service-Component";

  private record Component(String name, Set<String> provides, Set<String> takes) {}

  private static List<Component> components() throws Exception {
    List<Component> components = new ArrayList<>();
    for (Path jar : Folder.systemJars()) {
      if (jar.getFileName().toString().startsWith("io.gantry.")) {
        components.addAll(components(jar));
      }
    }
    return components;
  }

  private static List<Component> components(Path file) throws Exception {
    List<Component> components = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      String header = jar.getManifest().getMainAttributes().getValue(COMPONENTS);
      if (header != null) {
        for (String entry : header.split(",")) {
          components.add(component(jar, entry.strip()));
        }
      }
    }
    return components;
  }

  private static Component component(JarFile jar, String entry) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    try (InputStream in = jar.getInputStream(jar.getEntry(entry))) {
      Document document = factory.newDocumentBuilder().parse(in);
      return new Component(
          document.getDocumentElement().getAttribute("name"),
          interfaces(document, "provide"),
          interfaces(document, "reference"));
    } catch (IOException e) {
      throw new IOException(jar.getName() + ": " + entry, e);
    }
  }

  private static Set<String> interfaces(Document document, String element) {
    NodeList elements = document.getElementsByTagName(element);
    return IntStream.range(0, elements.getLength())
        .mapToObj(index -> ((Element) elements.item(index)).getAttribute("interface"))
        .collect(Collectors.toSet());
  }

  /** By name, the names of those that it takes services from. */
  private static Map<String, Set<String>> dependencies(List<Component> components) {
    Map<String, Set<String>> dependencies = new HashMap<>();
    for (Component component : components) {
      Set<String> providers = new HashSet<>();
      for (Component other : components) {
        if (other.provides.stream().anyMatch(component.takes::contains)) {
          providers.add(other.name);
        }
      }
      dependencies.put(component.name, providers);
    }
    return dependencies;
  }

  private static void visit(
      String name, Set<String> path, Map<String, Set<String>> dependencies, Set<String> cycles) {
    if (!path.add(name)) {
      cycles.add(path + " and again " + name);
      return;
    }
    dependencies.get(name).forEach(next -> visit(next, path, dependencies, cycles));
    path.remove(name);
  }

  @Test
  void noComponentTakesServicesInACircle() throws Exception {
    Map<String, Set<String>> dependencies = dependencies(components());
    assertTrue(dependencies.size() > 10, "found " + dependencies.keySet());
    Set<String> cycles = new LinkedHashSet<>();
    dependencies.keySet().forEach(name -> visit(name, new LinkedHashSet<>(), dependencies, cycles));
    assertEquals(Set.of(), cycles);
  }
}
