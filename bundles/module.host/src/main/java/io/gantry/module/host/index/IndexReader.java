package io.gantry.module.host.index;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.osgi.framework.Version;

/**
 * Reads an OSGi repository index (OSGi Compendium 132.5, as bnd's indexer writes it). Elements that
 * are not known are skipped, as 132.5 asks.
 *
 * <p>The index comes from outside, and a gateway has little memory: a few packed kilobytes must not
 * become more than it has. So a document type is refused, nothing outside the document is ever
 * looked up, and there are bounds for how deep elements are nested, how many names there are (the
 * parser keeps them all), and how much memory the resources need.
 */
public final class IndexReader {

  /**
   * How long an index may be, and how much memory what is read from it may take: a part of what
   * there is, because several modules are prepared at a time, and each looks into all repositories.
   */
  public static final long MAX_BYTES =
      Math.min(64L << 20, Math.max(1L << 20, Runtime.getRuntime().maxMemory() / 16));

  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAMES = 1000;
  private static final int MAX_FILTER_DEPTH = 64;

  // What things take in memory, about: objects, the lists and maps that hold them, strings.
  private static final int RESOURCE_BYTES = 150;
  private static final int CLAUSE_BYTES = 150;
  private static final int ENTRY_BYTES = 80;

  private final String repository;
  private final URI base;
  private final XMLStreamReader xml;
  private final long maxBytes;
  private final List<IndexedResource> resources = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> words = new HashMap<>();
  private int depth;
  private long bytes;

  private IndexReader(String repository, URI base, XMLStreamReader xml, long maxBytes) {
    this.repository = repository;
    this.base = base;
    this.xml = xml;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads to the end of the stream.
   *
   * @param base what relative URLs in the index are relative to
   */
  public static List<IndexedResource> read(String repository, URI base, InputStream in)
      throws IOException {
    return read(repository, base, in, MAX_BYTES);
  }

  static List<IndexedResource> read(String repository, URI base, InputStream in, long maxBytes)
      throws IOException {
    try {
      XMLStreamReader xml = factory().createXMLStreamReader(new BoundedInputStream(in, maxBytes));
      IndexReader reader = new IndexReader(repository, base, xml, maxBytes);
      try {
        reader.repository();
      } catch (RuntimeException e) {
        // Ours for values that are none, or the parser's, which has many kinds for what it
        // dislikes.
        String what = e instanceof IllegalArgumentException ? e.getMessage() : e.toString();
        throw new ContentException("line " + xml.getLocation().getLineNumber() + ": " + what, e);
      } finally {
        xml.close();
      }
      return reader.resources;
    } catch (XMLStreamException e) {
      if (e.getNestedException() instanceof IOException broken) {
        throw broken;
      }
      throw new ContentException(String.valueOf(e.getMessage()), e);
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
    keeps(RESOURCE_BYTES);
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
    keeps(CLAUSE_BYTES);
    String namespace = word(attribute("namespace"));
    Map<String, Object> attributes = new HashMap<>();
    Map<String, String> directives = new HashMap<>();
    while (nextElement()) {
      switch (xml.getLocalName()) {
        case "attribute" -> attributes.put(word(attribute("name")), value());
        case "directive" -> directives.put(word(attribute("name")), directive());
        default -> {}
      }
      skip();
    }
    checkFilter(directives.getOrDefault("filter", ""));
    if (!capability) {
      resource.addRequirement(namespace, attributes, directives);
    } else if ("osgi.content".equals(namespace)) {
      resource.addContent(content(attributes));
    } else {
      resource.addCapability(namespace, attributes, directives);
    }
  }

  private IndexedResource.Content content(Map<String, Object> attributes) {
    if (!(attributes.get("url") instanceof String url)) {
      throw new IllegalArgumentException("expected an attribute url for osgi.content");
    }
    return new IndexedResource.Content(
        base.resolve(url),
        Optional.ofNullable(attributes.get("osgi.content"))
            .map(sha256 -> sha256.toString().toLowerCase(Locale.ROOT)),
        attributes.get("size") instanceof Long size ? size : -1);
  }

  // ---- bounds ------------------------------------------------------------------------------

  /** Counts memory that the result needs. */
  private void keeps(long more) throws IOException {
    bytes += more;
    if (bytes > maxBytes) {
      throw new ContentException(
          "what it lists needs more than "
              + maxBytes
              + " bytes of memory, which is more than an index may take of what this runtime has",
          null);
    }
  }

  /** The few words that clauses are made of come again and again. */
  private String word(String text) throws IOException {
    String known = words.putIfAbsent(text, text);
    if (known == null) {
      keeps(ENTRY_BYTES + text.length());
      return text;
    }
    return known;
  }

  private void name(String name) throws IOException {
    names.add(name);
    if (names.size() > MAX_NAMES) {
      throw new ContentException("the index has more than " + MAX_NAMES + " names", null);
    }
  }

  private void names() throws IOException {
    name(xml.getLocalName());
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      name(xml.getAttributeLocalName(i));
    }
    for (int i = 0; i < xml.getNamespaceCount(); i++) {
      name(String.valueOf(xml.getNamespacePrefix(i)));
      name(String.valueOf(xml.getNamespaceURI(i)));
    }
  }

  /** Whoever reads a filter goes as deep as it is nested. */
  private static void checkFilter(String filter) throws IOException {
    int depth = 0;
    for (int i = 0; i < filter.length(); i++) {
      depth += filter.charAt(i) == '(' ? 1 : filter.charAt(i) == ')' ? -1 : 0;
      if (depth > MAX_FILTER_DEPTH) {
        throw new ContentException(
            "a filter is nested more than " + MAX_FILTER_DEPTH + " times", null);
      }
    }
  }

  // ---- XML ---------------------------------------------------------------------------------

  /** To the next child element; false at the end of this one. */
  private boolean nextElement() throws XMLStreamException, IOException {
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamConstants.DTD ->
            throw new ContentException("the index has a document type, which is not allowed", null);
        case XMLStreamConstants.PROCESSING_INSTRUCTION -> name(xml.getPITarget());
        case XMLStreamConstants.START_ELEMENT -> {
          if (++depth > MAX_DEPTH) {
            throw new ContentException(
                "its elements are nested more than " + MAX_DEPTH + " times", null);
          }
          names();
          return true;
        }
        case XMLStreamConstants.END_ELEMENT -> {
          depth--;
          return false;
        }
        default -> {}
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

  private String directive() throws IOException {
    String value = attribute("value");
    keeps(ENTRY_BYTES + value.length());
    return value;
  }

  private Object value() throws IOException {
    String type = xml.getAttributeValue(null, "type");
    String value = attribute("value");
    keeps(ENTRY_BYTES + value.length());
    if (type != null && type.startsWith("List<") && type.endsWith(">")) {
      String element = type.substring("List<".length(), type.length() - 1);
      keeps(ENTRY_BYTES * value.chars().filter(c -> c == ',').count());
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
