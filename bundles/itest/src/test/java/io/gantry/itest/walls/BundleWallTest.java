package io.gantry.itest.walls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.itest.distribution.Folder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Constants;

/**
 * The walls of the house: section 5 of cnf/docs/architecture.md, read from the manifests of what
 * ships. A line that is added here is a wall that is moved: say why in the architecture.
 */
class BundleWallTest {

  /** Bundle, the packages of ours that it may import, what else; a star stands for any ending. */
  private static final String MATRIX =
      """
      io.gantry.api           |              |
      io.gantry.spi           | api          | javax.crypto*, javax.net.ssl
      io.gantry.platform      | api, spi     | org.slf4j
      io.gantry.store         | api, spi     | org.slf4j
      io.gantry.security      | api, spi     | org.slf4j, javax.crypto*, javax.net.ssl, \
      javax.security.auth.x500
      io.gantry.routing       | api, spi     | org.slf4j, com.google.gson*
      io.gantry.hub           | api, spi     | org.slf4j, com.google.gson*, javax.naming*, \
      javax.security.auth.x500
      io.gantry.agent         | api, spi     | org.slf4j, com.google.gson*
      io.gantry.agent.client  | api, spi     | org.slf4j, com.google.gson*
      io.gantry.mqtt          | api, spi     | org.slf4j, io.netty*, javax.net.ssl
      io.gantry.web           | api, spi     | org.slf4j, com.google.gson*, io.netty*, javax.net.ssl
      io.gantry.module.client | api, spi     | org.slf4j, org.osgi.framework
      io.gantry.module.host   | api, spi     | org.slf4j, org.osgi.framework*, org.osgi.resource, \
      org.osgi.service.cm, org.osgi.service.component.runtime*, org.osgi.service.repository, \
      org.osgi.service.resolver, org.apache.felix.hc.api*, javax.xml*, org.w3c.dom*, org.xml.sax*, \
      javax.net.ssl, javax.security.auth.x500
      io.gantry.module.log    | api, spi     | org.slf4j, org.osgi.framework, org.osgi.service.log
      io.gantry.console       | api, spi     | org.slf4j, com.google.gson*, org.osgi.framework, \
      org.osgi.service.component.runtime*, org.osgi.dto, jakarta.servlet*, \
      org.apache.felix.webconsole*, org.apache.felix.service.command, \
      com.sun.net.httpserver, javax.security.auth.x500
      io.gantry.sample.sensor | api          | org.slf4j, com.google.gson
      io.gantry.sample.filter | api          | org.slf4j, com.google.gson
      """;

  /** Who may export: what others compile against. */
  private static final List<String> EXPORTING = List.of("io.gantry.api", "io.gantry.spi");

  private record Wall(List<String> ours, List<String> besides) {

    boolean lets(String imported) {
      return ours.stream().anyMatch(name -> imported.startsWith("io.gantry." + name + "."))
          || besides.stream().anyMatch(pattern -> matches(pattern, imported));
    }

    private static boolean matches(String pattern, String name) {
      return pattern.endsWith("*")
          ? name.startsWith(pattern.substring(0, pattern.length() - 1))
          : name.equals(pattern);
    }
  }

  @Test
  void everyBundleStandsInTheMatrix() throws IOException {
    assertEquals(new TreeSet<>(walls().keySet()), new TreeSet<>(manifests().keySet()));
  }

  @Test
  void noBundleImportsWhatItMustNotKnow() throws IOException {
    Map<String, Wall> walls = walls();
    List<String> breaches = new ArrayList<>();
    manifests()
        .forEach(
            (bundle, manifest) -> {
              for (String imported : packages(manifest, Constants.IMPORT_PACKAGE)) {
                if (!imported.startsWith("java.")
                    && !imported.startsWith(bundle + ".")
                    && walls.containsKey(bundle)
                    && !walls.get(bundle).lets(imported)) {
                  breaches.add(bundle + " imports " + imported);
                }
              }
            });
    assertEquals(List.of(), breaches);
  }

  @Test
  void onlyTheGroundFloorExports() throws IOException {
    List<String> breaches = new ArrayList<>();
    manifests()
        .forEach(
            (bundle, manifest) -> {
              for (String exported : packages(manifest, Constants.EXPORT_PACKAGE)) {
                if (!EXPORTING.contains(bundle) || !exported.startsWith(bundle + ".")) {
                  breaches.add(bundle + " exports " + exported);
                }
              }
            });
    assertEquals(List.of(), breaches);
  }

  @Test
  void nobodyImportsMoreThanItNames() throws IOException {
    List<String> breaches = new ArrayList<>();
    manifests()
        .forEach(
            (bundle, manifest) -> {
              for (String header :
                  List.of(
                      Constants.DYNAMICIMPORT_PACKAGE,
                      Constants.REQUIRE_BUNDLE,
                      Constants.FRAGMENT_HOST)) {
                if (manifest.getValue(header) != null) {
                  breaches.add(bundle + " has " + header + ": " + manifest.getValue(header));
                }
              }
            });
    assertEquals(List.of(), breaches);
  }

  private static Map<String, Wall> walls() {
    Map<String, Wall> walls = new HashMap<>();
    for (String line : MATRIX.lines().toList()) {
      String[] cells = line.split("\\|", -1);
      walls.put(cells[0].strip(), new Wall(names(cells[1]), names(cells[2])));
    }
    return walls;
  }

  private static List<String> names(String cell) {
    List<String> names = new ArrayList<>();
    for (String name : cell.split(",")) {
      if (!name.isBlank()) {
        names.add(name.strip());
      }
    }
    return names;
  }

  /** The manifests of our bundles, by symbolic name. */
  private static Map<String, Attributes> manifests() throws IOException {
    List<Path> jars = new ArrayList<>(Folder.systemJars());
    jars.addAll(Folder.jars(Folder.built().resolve("repository")));
    Map<String, Attributes> manifests = new HashMap<>();
    for (Path jar : jars) {
      try (JarFile file = new JarFile(jar.toFile())) {
        Attributes manifest = file.getManifest().getMainAttributes();
        String name = clauses(manifest.getValue(Constants.BUNDLE_SYMBOLICNAME)).get(0);
        if (name.startsWith("io.gantry.")) {
          manifests.put(name, manifest);
        }
      }
    }
    return manifests;
  }

  private static List<String> packages(Attributes manifest, String header) {
    String value = manifest.getValue(header);
    return value == null ? List.of() : clauses(value);
  }

  /** The names of a header: what stands before its attributes, which may hold quoted commas. */
  private static List<String> clauses(String header) {
    List<String> names = new ArrayList<>();
    for (String clause : header.replaceAll("\"[^\"]*\"", "").split(",")) {
      for (String part : clause.split(";")) {
        if (!part.contains("=")) {
          names.add(part.strip());
        }
      }
    }
    return names;
  }
}
