package io.gantry.module.host.index;

import io.gantry.module.host.index.IndexedResource.Content;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/**
 * Writes an OSGi repository index (OSGi Compendium 132.5). The same bundles give the same bytes:
 * there is no time in it, and everything has an order.
 */
public final class IndexWriter {

  private static final String NAMESPACE = "http://www.osgi.org/xmlns/repository/v1.0.0";

  private final URI base;
  private final XMLStreamWriter xml;

  private IndexWriter(URI base, XMLStreamWriter xml) {
    this.base = base;
    this.xml = xml;
  }

  /**
   * Writes the whole index.
   *
   * @param base what the places of the bundles are said relative to
   */
  public static void write(String name, URI base, List<IndexedResource> bundles, OutputStream out)
      throws IOException {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
      new IndexWriter(base, xml).repository(name, bundles);
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void repository(String name, List<IndexedResource> bundles) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    line(0);
    xml.setDefaultNamespace(NAMESPACE);
    xml.writeStartElement(NAMESPACE, "repository");
    xml.writeDefaultNamespace(NAMESPACE);
    xml.writeAttribute("name", name);
    for (IndexedResource bundle : bundles) {
      line(1);
      xml.writeStartElement(NAMESPACE, "resource");
      for (Capability c : bundle.getCapabilities(null)) {
        boolean content = c.getNamespace().equals(IndexedResource.CONTENT);
        clause(
            "capability",
            c.getNamespace(),
            content ? content(bundle.content().orElseThrow()) : c.getAttributes(),
            c.getDirectives());
      }
      for (Requirement r : bundle.getRequirements(null)) {
        clause("requirement", r.getNamespace(), r.getAttributes(), r.getDirectives());
      }
      line(1);
      xml.writeEndElement();
    }
    line(0);
    xml.writeEndElement();
    line(0);
    xml.writeEndDocument();
  }

  private Map<String, Object> content(Content content) {
    Map<String, Object> attributes = new TreeMap<>();
    content.sha256().ifPresent(sha256 -> attributes.put(IndexedResource.CONTENT, sha256));
    attributes.put("mime", "application/vnd.osgi.bundle");
    attributes.put("size", content.size());
    attributes.put("url", relative(content.uri()));
    return attributes;
  }

  /** What stands before a colon would be taken for a scheme (RFC 3986, 4.2). */
  private String relative(URI uri) {
    URI relative = base.relativize(uri);
    return relative.isAbsolute() || !relative.toString().contains(":")
        ? relative.toString()
        : "./" + relative;
  }

  private void clause(
      String element,
      String namespace,
      Map<String, Object> attributes,
      Map<String, String> directives)
      throws XMLStreamException {
    line(2);
    xml.writeStartElement(NAMESPACE, element);
    xml.writeAttribute("namespace", namespace);
    for (Map.Entry<String, String> directive : new TreeMap<>(directives).entrySet()) {
      line(3);
      xml.writeEmptyElement(NAMESPACE, "directive");
      xml.writeAttribute("name", directive.getKey());
      xml.writeAttribute("value", directive.getValue());
    }
    for (Map.Entry<String, Object> attribute : new TreeMap<>(attributes).entrySet()) {
      line(3);
      attribute(attribute.getKey(), attribute.getValue());
    }
    line(2);
    xml.writeEndElement();
  }

  private void attribute(String name, Object value) throws XMLStreamException {
    xml.writeEmptyElement(NAMESPACE, "attribute");
    xml.writeAttribute("name", name);
    if (value instanceof Collection<?> items) {
      Object first = items.stream().findFirst().map(Object.class::cast).orElse("");
      xml.writeAttribute(
          "value", items.stream().map(IndexWriter::item).collect(Collectors.joining(",")));
      xml.writeAttribute("type", "List<" + type(first) + ">");
      return;
    }
    xml.writeAttribute("value", value.toString());
    if (!type(value).equals("String")) {
      xml.writeAttribute("type", type(value));
    }
  }

  /** A backslash takes the next character as it is (132.5.6). */
  private static String item(Object item) {
    return item.toString().replace("\\", "\\\\").replace(",", "\\,");
  }

  private static String type(Object value) {
    if (value instanceof Version) {
      return "Version";
    }
    if (value instanceof Float || value instanceof Double) {
      return "Double";
    }
    return value instanceof Number ? "Long" : "String";
  }

  private void line(int depth) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(depth));
  }
}
