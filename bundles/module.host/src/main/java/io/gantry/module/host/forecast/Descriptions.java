package io.gantry.module.host.forecast;

import io.gantry.module.host.forecast.Described.Need;
import io.gantry.module.host.index.BoundedInputStream;
import io.gantry.spi.module.PreparedModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the components of jars offer, read from the jars at hand; of one that is still to be
 * downloaded nothing is known. What an activator registers is in no description. Any thread.
 */
public final class Descriptions {

  private static final Logger LOG = LoggerFactory.getLogger(Descriptions.class);
  private static final String HEADER = "Service-Component";
  private static final String SPACE = "http://www.osgi.org/xmlns/scr/";
  private static final long MAX_BYTES = 1 << 20;

  private final Function<String, Optional<Path>> jars;

  /**
   * @param jars where the jar of a digest is; empty when it is not at hand
   */
  public Descriptions(Function<String, Optional<Path>> jars) {
    this.jars = jars;
  }

  /** What the bundles of these modules describe, by digest. */
  public Map<String, List<Described>> of(Collection<PreparedModule> modules) {
    Map<String, List<Described>> found = new HashMap<>();
    for (PreparedModule module : modules) {
      found.computeIfAbsent(module.sha256(), this::read);
      module.shared().forEach(shared -> found.computeIfAbsent(shared.sha256(), this::read));
    }
    return found;
  }

  private List<Described> read(String sha256) {
    Optional<Path> file = jars.apply(sha256);
    if (file.isEmpty()) {
      return List.of();
    }
    List<Described> described = new ArrayList<>();
    try (JarFile jar = new JarFile(file.get().toFile(), false)) {
      String header =
          jar.getManifest() == null ? null : jar.getManifest().getMainAttributes().getValue(HEADER);
      if (header != null) {
        for (ZipEntry entry : jar.stream().toList()) {
          if (isListed(entry.getName(), header)) {
            read(jar, entry, described);
          }
        }
      }
    } catch (IOException | XMLStreamException | RuntimeException e) {
      LOG.debug("{}: what its components offer is not known: {}", file.get(), e.toString());
    }
    return described;
  }

  /** In the last part of a path there may be asterisks (112.4.1). */
  private static boolean isListed(String entry, String header) {
    for (String listed : header.split(",")) {
      String path = listed.strip();
      int slash = path.lastIndexOf('/') + 1;
      String pattern = path.substring(slash).replace(".", "\\.").replace("*", "[^/]*");
      if (entry.startsWith(path.substring(0, slash)) && entry.substring(slash).matches(pattern)) {
        return true;
      }
    }
    return false;
  }

  private static void read(JarFile jar, ZipEntry entry, List<Described> described)
      throws IOException, XMLStreamException {
    try (InputStream in = new BoundedInputStream(jar.getInputStream(entry), MAX_BYTES)) {
      XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      while (xml.hasNext()) {
        xml.next();
        if (xml.isStartElement()
            && xml.getLocalName().equals("component")
            && String.valueOf(xml.getNamespaceURI()).startsWith(SPACE)) {
          component(xml, described);
        }
      }
      xml.close();
    }
  }

  private static void component(XMLStreamReader xml, List<Described> described)
      throws XMLStreamException {
    boolean enabled = !"false".equals(xml.getAttributeValue(null, "enabled"));
    Described.Builder builder = new Described.Builder();
    String name = xml.getAttributeValue(null, "name");
    if (name != null) {
      builder.properties.put("component.name", name);
    }
    while (xml.hasNext()) {
      xml.next();
      if (xml.isEndElement() && xml.getLocalName().equals("component")) {
        break;
      }
      if (xml.isStartElement()) {
        element(xml, builder);
      }
    }
    if (enabled && !builder.types.isEmpty()) {
      described.add(builder.build());
    }
  }

  private static void element(XMLStreamReader xml, Described.Builder builder)
      throws XMLStreamException {
    switch (xml.getLocalName()) {
      case "provide" -> builder.types.add(xml.getAttributeValue(null, "interface"));
      case "property" -> property(xml, builder);
      case "reference" -> {
        String cardinality = xml.getAttributeValue(null, "cardinality");
        if (cardinality == null || cardinality.startsWith("1")) {
          String target = xml.getAttributeValue(null, "target");
          builder.needs.add(
              new Need(xml.getAttributeValue(null, "interface"), target == null ? "" : target));
        }
      }
      default -> {}
    }
  }

  private static void property(XMLStreamReader xml, Described.Builder builder)
      throws XMLStreamException {
    String name = xml.getAttributeValue(null, "name");
    String type = xml.getAttributeValue(null, "type");
    String value = xml.getAttributeValue(null, "value");
    if (value != null) {
      builder.properties.put(name, typed(type == null ? "String" : type, value));
    } else {
      String[] lines = xml.getElementText().strip().split("\\s*\\R\\s*");
      builder.properties.put(name, lines);
    }
  }

  private static Object typed(String type, String value) {
    return switch (type) {
      case "Integer" -> Integer.valueOf(value);
      case "Long" -> Long.valueOf(value);
      case "Short" -> Short.valueOf(value);
      case "Byte" -> Byte.valueOf(value);
      case "Double" -> Double.valueOf(value);
      case "Float" -> Float.valueOf(value);
      case "Boolean" -> Boolean.valueOf(value);
      default -> value;
    };
  }
}
