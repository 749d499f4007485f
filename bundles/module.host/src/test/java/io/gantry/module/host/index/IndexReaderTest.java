package io.gantry.module.host.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.repository.ResourcesRepository;
import aQute.bnd.osgi.repository.XMLResourceGenerator;
import aQute.bnd.osgi.resource.ResourceBuilder;
import io.gantry.module.host.index.JarFolder.Digests;
import io.gantry.testkit.module.TestBundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class IndexReaderTest {

  @TempDir Path folder;

  /** The index is made by bnd, as our users make theirs. */
  @Test
  void anIndexMadeByBndSaysWhatTheJarsSay() throws Exception {
    Path jar =
        TestBundle.of("acme.filter", "1.2.3")
            .header("Import-Package", "acme.lib;version=\"[1.0,2.0)\"")
            .header("Provide-Capability", "acme.cap;list:List<String>=\"a,b\";size:Long=4")
            .writeTo(folder);
    index(jar, "acme.filter-1.2.3.jar");

    IndexedResource bundle;
    try (InputStream in = Files.newInputStream(folder.resolve("index.xml"))) {
      bundle = IndexReader.read("r", folder.resolve("index.xml").toUri(), in).get(0);
    }
    assertEquals("acme.filter", bundle.symbolicName());
    assertEquals(Version.parseVersion("1.2.3"), bundle.version());
    assertTrue(bundle.isBundle());
    IndexedResource.Content content = bundle.content().orElseThrow();
    assertEquals(jar.toUri(), content.uri());
    assertEquals(Files.size(jar), content.size());
    try (InputStream in = Files.newInputStream(jar)) {
      assertEquals(Digest.of(in), content.sha256().orElseThrow());
    }
    Map<String, Object> capability = bundle.getCapabilities("acme.cap").get(0).getAttributes();
    assertEquals(List.of("a", "b"), capability.get("list"));
    assertEquals(4L, capability.get("size"));
    assertEquals(
        "(&(osgi.wiring.package=acme.lib)(version>=1.0.0)(!(version>=2.0.0)))",
        bundle.getRequirements("osgi.wiring.package").get(0).getDirectives().get("filter"));
  }

  /** Without an index the manifests are read, and say the same. */
  @Test
  void aFolderOfJarsIsARepositoryToo() throws Exception {
    TestBundle.of("acme.filter", "1.2.3")
        .header("Import-Package", "acme.lib;version=\"[1.0,2.0)\"")
        .writeTo(folder);
    Files.writeString(folder.resolve("broken.jar"), "no jar at all");
    List<String> leftOut = new ArrayList<>();
    List<IndexedResource> bundles =
        JarFolder.read("r", folder, Digests.UNKNOWN, (jar, why) -> leftOut.add("" + jar));
    assertEquals(1, bundles.size());
    assertEquals(List.of(folder.resolve("broken.jar").toString()), leftOut);
    IndexedResource bundle = bundles.get(0);
    assertEquals("acme.filter 1.2.3", bundle.toString());
    assertEquals(
        "(&(osgi.wiring.package=acme.lib)(version>=1.0.0)(!(version>=2.0.0)))",
        bundle.getRequirements("osgi.wiring.package").get(0).getDirectives().get("filter"));
  }

  @Test
  void aDocumentTypeIsRefused() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "password");
    String index =
        "<!DOCTYPE r [<!ENTITY x SYSTEM '"
            + secret.toUri()
            + "'>]><repository><resource><capability namespace='osgi.identity'>"
            + "<attribute name='osgi.identity' value='&x;'/></capability></resource></repository>";
    IOException refusal = assertThrows(IOException.class, () -> read(index));
    assertTrue(refusal.getMessage().contains("document type"), refusal.getMessage());
  }

  @Test
  void aDamagedIndexIsRefusedWithItsLine() {
    String index = "<repository>\n<resource>\n<capability/></resource></repository>";
    IOException refusal = assertThrows(IOException.class, () -> read(index));
    assertEquals(
        "line 3: the element capability lacks its attribute namespace", refusal.getMessage());
    assertThrows(IOException.class, () -> read("<repository><resource>"));
    assertThrows(IOException.class, () -> read("<html/>"));
  }

  @Test
  void anIndexBeyondItsBoundIsRefused() throws IOException {
    BoundedInputStream in = new BoundedInputStream(new ByteArrayInputStream(new byte[11]), 10);
    assertThrows(IOException.class, in::readAllBytes);
    assertEquals(
        10,
        new BoundedInputStream(new ByteArrayInputStream(new byte[10]), 10).readAllBytes().length);
  }

  /** What is packed to a few kilobytes must not take the gateway's memory when it is unpacked. */
  @Test
  void anIndexThatWouldFillTheMemoryIsRefused() throws IOException {
    String in = "<repository><resource>";
    Map<String, String> parts =
        Map.of(
            "nested more than 32 times", in + "<a>".repeat(33),
            "more than 1000 names", in + numbered("<a#/>", 1001),
            "more than 1000 names ", in + numbered("<a b#=''/>", 1001),
            "more than 1000 names  ", in + numbered("<a xmlns:p#='u'/>", 1001),
            "more than 1000 names   ", in + numbered("<?a#?>", 1001),
            "needs more than", in + "<capability namespace='a'/>".repeat(1000),
            "needs more than ", "<repository>" + "<resource/>".repeat(1000),
            "needs more than  ",
                in
                    + "<capability namespace='a'><attribute name='a' type='List&lt;String>' value='"
                    + ",".repeat(1000)
                    + "'/>",
            "needs more than   ",
                in + "<capability namespace='a'>" + "<directive name='a' value=''/>".repeat(700),
            "larger than 50000 bytes", in + "<!--" + " ".repeat(50_000) + "-->");
    parts.forEach(
        (refusal, index) ->
            assertTrue(refused(index).getMessage().contains(refusal.strip()), refusal));
    assertEquals(1, read(in + "<a/>".repeat(2000) + "</resource></repository>").size());
  }

  private static String numbered(String element, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> element.replace("#", "" + i))
        .collect(Collectors.joining());
  }

  private static IOException refused(String index) {
    return assertThrows(
        IOException.class,
        () ->
            IndexReader.read(
                "r",
                URI.create("file:/r/"),
                new ByteArrayInputStream(index.getBytes(UTF_8)),
                50_000));
  }

  /** A digest becomes the name of a file, and an index must not say where it lies. */
  @Test
  void aDigestThatIsNoneIsRefused() {
    for (String digest : List.of("../../evil", "", "0".repeat(63), "0".repeat(63) + "g")) {
      String index =
          "<repository>\n<resource><capability namespace='osgi.content'>"
              + "<attribute name='osgi.content' value='"
              + digest
              + "'/><attribute name='url' value='x.jar'/></capability></resource></repository>";
      IOException refusal = assertThrows(IOException.class, () -> read(index));
      assertTrue(refusal.getMessage().contains("line 2: "), refusal.getMessage());
      assertTrue(refusal.getMessage().contains("64 hex digits, found '" + digest + "'"), digest);
    }
    IOException nowhere =
        assertThrows(
            IOException.class,
            () -> read("<repository><resource><capability namespace='osgi.content'/></resource>"));
    assertTrue(nowhere.getMessage().contains("expected an attribute url"), nowhere.getMessage());
  }

  /** Whoever reads a filter takes more of the stack with each bracket. */
  @Test
  void aFilterThatIsNestedTooDeepIsRefused() throws IOException {
    String index =
        "<repository><resource><requirement namespace='a'><directive name='filter' value='#'/>"
            + "</requirement></resource></repository>";
    assertEquals(1, read(index.replace("#", "(!".repeat(63) + "(a=b)" + ")".repeat(63))).size());
    IOException refusal =
        assertThrows(
            IOException.class,
            () -> read(index.replace("#", "(!".repeat(64) + "(a=b)" + ")".repeat(64))));
    assertTrue(refusal.getMessage().contains("nested more than 64 times"), refusal.getMessage());
  }

  /** It goes into the log and into the report of the agent. */
  @Test
  void whatIsWrongIsSaidInOneLineThatIsNotLong() {
    String index =
        "<repository><resource><capability namespace='a'><attribute name='v' type='Version' value='"
            + "&#10;7".repeat(10_000)
            + "'/></capability></resource></repository>";
    String text = assertThrows(IOException.class, () -> read(index)).getMessage();
    assertTrue(text.length() < 700 && text.lines().count() == 1, text);
  }

  /** Whatever comes, the answer is an index or a refusal, and neither a crash nor another kind. */
  @Test
  void anIndexWithDamagedBytesIsReadOrRefused() throws Exception {
    index(TestBundle.of("acme.filter", "1.0.0").writeTo(folder), "filter.jar");
    byte[] good = Files.readAllBytes(folder.resolve("index.xml"));
    byte[] pieces = "<>/&;'\"![]?-= \0000129".getBytes(UTF_8);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bad = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bad[random.nextInt(bad.length)] = pieces[random.nextInt(pieces.length)];
      }
      try {
        IndexReader.read("r", URI.create("file:/r/"), new ByteArrayInputStream(bad));
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "only " + refused);
  }

  private static List<IndexedResource> read(String index) throws IOException {
    return IndexReader.read(
        "r", URI.create("file:/r/index.xml"), new ByteArrayInputStream(index.getBytes(UTF_8)));
  }

  private void index(Path jar, String url) throws Exception {
    ResourceBuilder builder = new ResourceBuilder();
    builder.addFile(jar.toFile(), URI.create(url));
    new XMLResourceGenerator()
        .name("test")
        .repository(new ResourcesRepository(builder.build()))
        .save(folder.resolve("index.xml").toFile());
  }
}
