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
