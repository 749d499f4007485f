package io.gantry.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two shell scripts, with a Java and a Maven that only tell how they were called. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class ScriptTest {

  private static final Path CHECKOUT =
      Path.of(System.getProperty("basedir", "bundles/launcher"), "..", "..");

  @TempDir Path temp;
  private Path home;

  @BeforeEach
  void install() throws IOException {
    home = temp.toRealPath().resolve("home");
    copy(CHECKOUT.resolve("distribution/bin/gantry"), home.resolve("bin/gantry"));
    Path java = temp.resolve("java");
    script(java.resolve("bin/java"), "echo \"$LC_ALL\"", "for word; do echo \"$word\"; done");
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
  }

  private static void copy(Path from, Path to) throws IOException {
    script(to, Files.readString(from));
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, lines.length == 1 ? lines[0] : "#!/bin/sh\n" + String.join("\n", lines));
    assertTrue(file.toFile().setExecutable(true));
  }

  private ProcessBuilder command(Map<String, String> variables, String... words) {
    ProcessBuilder builder = new ProcessBuilder(words);
    Stream.of("LC_ALL", "LC_CTYPE", "LANG", "GANTRY_DATA", "GANTRY_OPTS")
        .forEach(builder.environment()::remove);
    builder.environment().put("JAVA_HOME", temp.resolve("java").toString());
    builder.environment().putAll(variables);
    return builder;
  }

  /** The locale, then the words that Java was given. */
  private List<String> gantry(Map<String, String> variables, String... words) throws IOException {
    String[] all = Stream.concat(Stream.of(script()), Arrays.stream(words)).toArray(String[]::new);
    Process process = command(variables, all).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return out.lines().toList();
  }

  private String script() {
    return home.resolve("bin/gantry").toString();
  }

  @Test
  void wordsReachTheCommandAsTheyWereTyped() throws IOException {
    List<String> words = gantry(Map.of(), "deploy", "a  b", "*", "");
    int main = words.indexOf("io.gantry.launcher.Main");
    assertEquals(List.of("deploy", "a  b", "*", ""), words.subList(main + 1, words.size()));
  }

  /** Or an umlaut on the command line of a service or of cron would be destroyed. */
  @ParameterizedTest
  @CsvSource({
    "LANG, '', C.UTF-8",
    "LANG, C, C.UTF-8",
    "LC_ALL, POSIX, C.UTF-8",
    "LC_CTYPE, C, C.UTF-8",
    "LANG, de_DE.UTF-8, ''",
    "LC_ALL, en_US.UTF-8, en_US.UTF-8",
  })
  void aLocaleThatKnowsOnlyAsciiIsReplacedAndNoOther(String name, String value, String seen)
      throws IOException {
    assertEquals(seen, gantry(Map.of(name, value), "status").get(0));
  }

  @Test
  void anEmptyDataFolderMeansTheOneOfTheInstallationAsItDoesToTheLauncher() throws IOException {
    List<String> words = gantry(Map.of("GANTRY_DATA", "/elsewhere"), "run", "--data=");
    assertTrue(
        words.stream()
            .anyMatch(word -> word.startsWith("-XX:ArchiveClassesAtExit=" + home + "/data/java/")),
        words.toString());
  }

  private Path checkout() throws IOException {
    Path root = temp.toRealPath().resolve("checkout");
    copy(CHECKOUT.resolve("gantry"), root.resolve("gantry"));
    Files.createDirectories(root.resolve("cnf"));
    Files.writeString(root.resolve("cnf/pom.xml"), "<version>1</version>\n");
    script(
        root.resolve("mvnw"),
        "echo built >>built",
        "read go <go",
        "mkdir -p distribution/target/gantry-1/bin",
        "echo 'echo ran' >distribution/target/gantry-1/bin/gantry",
        "chmod +x distribution/target/gantry-1/bin/gantry");
    return root;
  }

  @Test
  void twoCommandsInACheckoutThatIsNotBuiltBuildItOnce() throws Exception {
    assumeTrue(new ProcessBuilder("sh", "-c", "command -v flock").start().waitFor() == 0);
    Path root = checkout();
    assertEquals(0, new ProcessBuilder("mkfifo", root.resolve("go").toString()).start().waitFor());
    Process first = command(Map.of(), root.resolve("gantry").toString(), "version").start();
    assertTrue(first.errorReader().readLine().startsWith("gantry: building (nothing is built"));
    Process second = command(Map.of(), root.resolve("gantry").toString(), "version").start();
    BufferedReader told = second.errorReader();
    assertEquals("gantry: waiting for another build of this checkout", told.readLine());
    Files.writeString(root.resolve("go"), "go\n");
    assertEquals("ran", first.inputReader().readLine());
    assertEquals("ran", second.inputReader().readLine());
    assertEquals(null, told.readLine());
    assertEquals("built\n", Files.readString(root.resolve("built")));
  }
}
