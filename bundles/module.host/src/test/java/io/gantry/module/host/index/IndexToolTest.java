package io.gantry.module.host.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.module.TestBundle;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

class IndexToolTest {

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** As the command line finds it: it is not compiled against us. */
  @Test
  void theToolIsFoundByItsName() {
    List<String> names =
        ServiceLoader.load(ToolProvider.class).stream().map(p -> p.get().name()).toList();
    assertTrue(names.contains("gantry-repository-index"), names.toString());
  }

  @Test
  void whatIsReadFromAnIndexIsWhatTheJarsSay() throws Exception {
    Path jar =
        TestBundle.of("acme.filter", "1.2.3")
            .header("Bundle-SymbolicName", "acme.filter;singleton:=true")
            .header("Import-Package", "acme.lib;version=\"[1.0,2.0)\";resolution:=optional")
            .header("Export-Package", "acme.filter;version=1.1;uses:=\"acme.lib\"")
            .header(
                "Provide-Capability",
                "acme.cap;list:List<String>=\"a\\,x,b\";sizes:List<Long>=\"4,5\";size:Long=4;"
                    + "ratio:Double=0.5;v:Version=1.2;text=\"<&>'\"")
            .writeTo(folder);
    TestBundle.of("acme.lib", "1.0.0")
        .header("Export-Package", "acme.lib;version=1.0.0")
        .writeTo(folder);

    assertEquals(0, run(folder.toString()), err.toString());
    List<IndexedResource> read = read("index.xml");
    List<IndexedResource> jars =
        JarFolder.read("r", folder, JarFolder.Digests.CALCULATED, (path, why) -> {});
    assertEquals(said(jars), said(read));
    IndexedResource filter = read.get(0);
    assertTrue(filter.isSingleton());
    Map<String, Object> capability = filter.getCapabilities("acme.cap").get(0).getAttributes();
    assertEquals(List.of("a,x", "b"), capability.get("list"));
    assertEquals(List.of(4L, 5L), capability.get("sizes"));
    assertEquals(new Version("1.2"), capability.get("v"));
    assertEquals("<&>'", capability.get("text"));
    IndexedResource.Content content = filter.content().orElseThrow();
    assertEquals(jar.toUri(), content.uri());
    assertEquals(Files.size(jar), content.size());
    try (InputStream in = Files.newInputStream(jar)) {
      assertEquals(Digest.of(in), content.sha256().orElseThrow());
    }
    long bytes = Files.size(jar) + Files.size(folder.resolve("acme.lib-1.0.0.jar"));
    assertTrue(out.toString().contains("index.xml: 2 bundles, " + bytes + " bytes"), "" + out);
  }

  @Test
  void theIndexIsAlsoPackedWhenAsked() throws Exception {
    TestBundle.of("acme.lib", "1.0.0").writeTo(folder);
    assertEquals(0, run("--gzip", folder.toString()));
    byte[] plain = Files.readAllBytes(folder.resolve("index.xml"));
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(folder.resolve("index.xml.gz")))) {
      assertArrayEquals(plain, in.readAllBytes());
    }
  }

  /** So that a build or a copy of the folder does not change without a reason. */
  @Test
  void theSameJarsGiveTheSameIndex() throws Exception {
    TestBundle.of("acme.b", "1.0.0").writeTo(folder);
    TestBundle.of("acme.a", "1.0.0").writeTo(folder);
    run(folder.toString());
    byte[] first = Files.readAllBytes(folder.resolve("index.xml"));
    run(folder.toString());
    assertArrayEquals(first, Files.readAllBytes(folder.resolve("index.xml")));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count(), "nothing temporary is left");
    }
  }

  /** A colon would make a scheme of what stands before it, a blank no address at all. */
  @Test
  void aFileIsFoundAgainWhateverItsNameIs() throws Exception {
    for (String name : List.of("a:b.jar", "a b%20#?&<'.jar", "\u00e4\u00f6.jar")) {
      Path jar = TestBundle.of("acme.filter", "1.0.0").writeTo(folder);
      Files.move(jar, folder.resolve(name));
      assertEquals(0, run(folder.toString()));
      IndexedResource read = read("index.xml").get(0);
      assertEquals(folder.resolve(name), Path.of(read.content().orElseThrow().uri()));
      Files.delete(folder.resolve(name));
    }
  }

  @Test
  void aJarThatIsNoBundleIsLeftOutWithTheReason() throws Exception {
    Files.writeString(folder.resolve("broken.jar"), "no jar at all");
    TestBundle.of("acme.lib", "1.0.0").writeTo(folder);
    assertEquals(0, run(folder.toString()));
    assertTrue(err.toString().startsWith("broken.jar is left out: "), err.toString());
    assertEquals(1, read("index.xml").size());
  }

  @Test
  void whatIsNoFolderIsRefused() {
    assertEquals(1, run(folder.resolve("nowhere").toString()));
    assertTrue(err.toString().contains("nowhere cannot be indexed: it is no folder"), "" + err);
    assertEquals(2, run());
    assertFalse(Files.exists(folder.resolve("index.xml")));
  }

  private int run(String... args) {
    return new IndexTool().run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }

  private List<IndexedResource> read(String name) throws Exception {
    try (InputStream in = Files.newInputStream(folder.resolve(name))) {
      return IndexReader.read("r", folder.resolve(name).toUri(), in);
    }
  }

  private static String said(List<IndexedResource> resources) {
    StringBuilder text = new StringBuilder();
    for (IndexedResource resource : resources) {
      text.append(resource).append('\n');
      for (Capability c : resource.getCapabilities(null)) {
        text.append(said(c.getNamespace(), c.getAttributes(), c.getDirectives()));
      }
      for (Requirement r : resource.getRequirements(null)) {
        text.append(said(r.getNamespace(), r.getAttributes(), r.getDirectives()));
      }
    }
    return text.toString().replace("file:///", "file:/");
  }

  private static String said(String namespace, Map<String, ?> attributes, Map<String, ?> more) {
    return namespace
        + Stream.of(attributes, more)
            .map(TreeMap::new)
            .map(TreeMap::toString)
            .collect(Collectors.joining())
        + "\n";
  }
}
