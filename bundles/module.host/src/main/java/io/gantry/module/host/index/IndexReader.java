package io.gantry.module.host.index;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.osgi.framework.Version;

/**
 * Reads an OSGi repository index (OSGi Compendium 132.5, as bnd's indexer writes it). The index
 * comes from outside, so a document type is refused, nothing outside the document is ever looked
 * up, and the number of resources has a bound. Elements that are not known are skipped, as 132.5
 * asks.
 */
public final class IndexReader {

  private static final int MAX_RESOURCES = 100_000;

  private final String repository;
  private final URI base;
  private final XMLStreamReader xml;
  private final List<IndexedResource> resources = new ArrayList<>();

  private IndexReader(String repository, URI base, XMLStreamReader xml) {
    this.repository = repository;
    this.base = base;
    this.xml = xml;
  }

  /**
   * Reads to the end of the stream.
   *
   * @param base what relative URLs in the index are relative to
   */
  public static List<IndexedResource> read(String repository, URI base, InputStream in)
      throws IOException {
    try {
      XMLStreamReader xml = factory().createXMLStreamReader(in);
      IndexReader reader = new IndexReader(repository, base, xml);
      try {
        reader.repository();
      } catch (IllegalArgumentException | ClassCastException e) {
        throw new ContentException("line " + xml.getLocation().getLineNumber() + ": " + e, e);
      } finally {
        xml.close();
      }
      return reader.resources;
    } catch (XMLStreamException e) {
      if (e.getNestedException() instanceof IOException broken) {
        throw broken;
      }
      throw new ContentException(e.getMessage().replace('\n', ' '), e);
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
    return factory;
  }

  private void repository() throws XMLStreamException, IOException {
    nextElement();
    if (!xml.isStartElement() || !"repository".equals(xml.getLocalName())) {
      throw new ContentException("expected the element repository at the root of the index", null);
    }
    while (nextElement()) {
      if ("resource".equals(xml.getLocalName())) {
        resource();
      } else {
        skip();
      }
    }
  }

  private void resource() throws XMLStreamException, IOException {
    if (resources.size() >= MAX_RESOURCES) {
      throw new ContentException("the index lists more than " + MAX_RESOURCES + " resources", null);
    }
    IndexedResource resource = new IndexedResource(repository);
    while (nextElement()) {
      switch (xml.getLocalName()) {
        case "capability" -> clause(resource, true);
        case "requirement" -> clause(resource, false);
        default -> skip();
      }
    }
    resources.add(resource);
  }

  private void clause(IndexedResource resource, boolean capability)
      throws XMLStreamException, IOException {
    String namespace = attribute("namespace");
    Map<String, Object> attributes = new HashMap<>();
    Map<String, String> directives = new HashMap<>();
    while (nextElement()) {
      switch (xml.getLocalName()) {
        case "attribute" -> attributes.put(attribute("name"), value());
        case "directive" -> directives.put(attribute("name"), attribute("value"));
        default -> {}
      }
      skip();
    }
    if (!capability) {
      resource.addRequirement(namespace, attributes, directives);
    } else if ("osgi.content".equals(namespace)) {
      resource.addContent(content(attributes));
    } else {
      resource.addCapability(namespace, attributes, directives);
    }
  }

  private IndexedResource.Content content(Map<String, Object> attributes) {
    return new IndexedResource.Content(
        base.resolve(String.valueOf(attributes.get("url"))),
        Optional.ofNullable(attributes.get("osgi.content"))
            .map(sha256 -> sha256.toString().toLowerCase(Locale.ROOT)),
        attributes.get("size") instanceof Long size ? size : -1);
  }

  /** To the next child element; false at the end of this one. */
  private boolean nextElement() throws XMLStreamException, IOException {
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.DTD) {
        throw new ContentException("the index has a document type, which is not allowed", null);
      }
      if (event == XMLStreamConstants.START_ELEMENT) {
        return true;
      }
      if (event == XMLStreamConstants.END_ELEMENT) {
        return false;
      }
    }
    return false;
  }

  private void skip() throws XMLStreamException, IOException {
    for (int depth = 1; depth > 0; ) {
      depth += nextElement() ? 1 : -1;
    }
  }

  private String attribute(String name) throws IOException {
    String value = xml.getAttributeValue(null, name);
    if (value == null) {
      throw new ContentException(
          "line "
              + xml.getLocation().getLineNumber()
              + ": the element "
              + xml.getLocalName()
              + " lacks its attribute "
              + name,
          null);
    }
    return value;
  }

  private Object value() throws IOException {
    String type = xml.getAttributeValue(null, "type");
    String value = attribute("value");
    if (type != null && type.startsWith("List<") && type.endsWith(">")) {
      String element = type.substring("List<".length(), type.length() - 1);
      return listItems(value).stream().map(item -> scalar(element, item)).toList();
    }
    return scalar(type == null ? "String" : type, value);
  }

  private static Object scalar(String type, String value) {
    return switch (type) {
      case "Version" -> Version.parseVersion(value);
      case "Long" -> Long.valueOf(value.strip());
      case "Double" -> Double.valueOf(value.strip());
      case "String" -> value;
      default -> throw new IllegalArgumentException("unknown attribute type " + type);
    };
  }

  /** Splits at commas; a backslash takes the next character as it is (132.5.6). */
  private static List<String> listItems(String text) {
    List<String> items = new ArrayList<>();
    StringBuilder item = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        item.append(text.charAt(++i));
      } else if (c == ',') {
        items.add(item.toString().strip());
        item.setLength(0);
      } else {
        item.append(c);
      }
    }
    items.add(item.toString().strip());
    return items;
  }
}
