package io.gantry.testkit.module;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes a bundle on the spot from classes of the test. The same calls give the same bytes. */
public final class TestBundle {

  private final String symbolicName;
  private final String version;
  private final Attributes headers = new Attributes();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final StringBuilder components = new StringBuilder();

  private TestBundle(String symbolicName, String version) {
    this.symbolicName = symbolicName;
    this.version = version;
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    header("Bundle-ManifestVersion", "2");
    header("Bundle-SymbolicName", symbolicName);
    header("Bundle-Version", version);
  }

  /** Begins a bundle. */
  public static TestBundle of(String symbolicName, String version) {
    return new TestBundle(symbolicName, version);
  }

  /** Sets a manifest header. */
  public TestBundle header(String name, String value) {
    headers.putValue(name, value);
    return this;
  }

  /** Adds a file. */
  public TestBundle entry(String path, String text) {
    entries.put(path, text.getBytes(UTF_8));
    return this;
  }

  /** Adds a class, without those nested in it. */
  public TestBundle type(Class<?> type) {
    String path = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("no class file for " + type);
      }
      entries.put(path, in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the class file of " + type, e);
    }
    return this;
  }

  /** Adds a class and makes it the activator. */
  public TestBundle activator(Class<?> type) {
    return type(type).header("Bundle-Activator", type.getName());
  }

  /**
   * Adds a Declarative Services component.
   *
   * @param type its class
   * @param attributes of the XML element {@code component}, as {@code immediate="true"}
   * @param elements within it, as {@code <service>...</service>}
   */
  public TestBundle component(Class<?> type, String attributes, String elements) {
    String path = "OSGI-INF/" + type.getSimpleName() + ".xml";
    components.append(components.length() == 0 ? "" : ",").append(path);
    return type(type)
        .header("Service-Component", components.toString())
        .entry(
            path,
            "<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.5.0\" name=\""
                + type.getSimpleName()
                + "\" "
                + attributes
                + "><implementation class=\""
                + type.getName()
                + "\"/>"
                + elements
                + "</scr:component>");
  }

  /** Writes the jar, named by symbolic name and version. */
  public Path writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(symbolicName + "-" + version + ".jar");
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().putAll(headers);
      jar.putNextEntry(entry("META-INF/MANIFEST.MF"));
      manifest.write(jar);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(entry(entry.getKey()));
        jar.write(entry.getValue());
      }
    }
    return file;
  }

  private static JarEntry entry(String name) {
    JarEntry entry = new JarEntry(name);
    entry.setTime(0);
    return entry;
  }
}
