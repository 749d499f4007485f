package io.gantry.module.host.resolution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

class RequirementsTest {

  @Test
  void filtersAreSaidInWords() {
    assertEquals(
        "package a.b [1.0.0,2.0.0)",
        words(
            "osgi.wiring.package",
            "(&(osgi.wiring.package=a.b)(version>=1.0.0)(!(version>=2.0.0)))"));
    assertEquals(
        "package a.b (1.0.0,2.0.0]",
        words(
            "osgi.wiring.package",
            "(&(osgi.wiring.package=a.b)(!(version<=1.0.0))(version<=2.0.0))"));
    assertEquals(
        "package a.b 1.5.0 or later",
        words("osgi.wiring.package", "(&(osgi.wiring.package=a.b)(version>=1.5.0))"));
    assertEquals("package a.b", words("osgi.wiring.package", "(osgi.wiring.package=a.b)"));
    assertEquals(
        "bundle a [2.0.0,3.0.0)",
        words(
            "osgi.wiring.bundle",
            "(&(osgi.wiring.bundle=a)(bundle-version>=2)(!(bundle-version>=3)))"));
    assertEquals(
        "Java platform JavaSE 21.0.0", words("osgi.ee", "(&(osgi.ee=JavaSE)(version=21))"));
    assertEquals(
        "osgi.extender osgi.component [1.5.0,2.0.0)",
        words(
            "osgi.extender",
            "(&(osgi.extender=osgi.component)(version>=1.5.0)(!(version>=2.0.0)))"));
    assertEquals("acme.cap (x=1)", words("acme.cap", "(x=1)"));
  }

  private static String words(String namespace, String filter) {
    return Requirements.words(new Need(namespace, filter));
  }

  private record Need(String namespace, String filter) implements Requirement {

    @Override
    public String getNamespace() {
      return namespace;
    }

    @Override
    public Map<String, String> getDirectives() {
      return Map.of("filter", filter);
    }

    @Override
    public Map<String, Object> getAttributes() {
      return Map.of();
    }

    @Override
    public Resource getResource() {
      throw new UnsupportedOperationException("no test asks");
    }
  }
}
