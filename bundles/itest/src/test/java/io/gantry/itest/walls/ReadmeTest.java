package io.gantry.itest.walls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows and points at must be there. */
class ReadmeTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
  private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)#]+)");

  @Test
  void theModuleInTheReadmeIsTheSample() throws Exception {
    String readme = Files.readString(ROOT.resolve("README.md"));
    int begin = readme.indexOf("<!-- filter:begin -->\n```java\n");
    int end = readme.indexOf("```\n<!-- filter:end -->");
    assertTrue(begin >= 0 && end > begin, "the README has no sample between its marks");
    String shown = readme.substring(readme.indexOf("@Component", begin), end).strip();
    Path sample =
        ROOT.resolve(
            "bundles/sample.filter/src/main/java/io/gantry/sample/filter/FilterComponent.java");
    String source = Files.readString(sample);
    assertEquals(source.substring(source.indexOf("@Component(")).strip(), shown);
  }

  @Test
  void everyLinkOfOurDocumentsLeadsSomewhere() throws Exception {
    List<String> broken = new ArrayList<>();
    List<Path> documents =
        List.of(
            ROOT.resolve("README.md"),
            ROOT.resolve("CONTRIBUTING.md"),
            ROOT.resolve("cnf/docs/architecture.md"));
    for (Path document : documents) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          broken.add(document.getFileName() + ": " + link.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }
}
