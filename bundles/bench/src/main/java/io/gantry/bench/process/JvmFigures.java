package io.gantry.bench.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM says of itself to {@code jcmd}. */
public final class JvmFigures {

  private static final Pattern USED = Pattern.compile("generation .*used (\\d+)K");

  private final String pid;

  /** Of the process with this id. */
  public JvmFigures(long pid) {
    this.pid = Long.toString(pid);
  }

  /** Collects the garbage. */
  public void collect() throws IOException {
    ask("GC.run");
  }

  /** Bytes of the heap that are in use: after {@link #collect}, those of what is alive. */
  public long heap() throws IOException {
    return ask("GC.heap_info").stream()
        .map(USED::matcher)
        .filter(Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(1)) * 1024)
        .sum();
  }

  /** The classes whose objects take most, as {@code jcmd} prints them. */
  public List<String> largest(int lines) throws IOException {
    return ask("GC.class_histogram").stream().limit(lines).toList();
  }

  private List<String> ask(String command) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process = new ProcessBuilder(jcmd, pid, command).redirectErrorStream(true).start();
    try (BufferedReader output = process.inputReader(UTF_8)) {
      return output.lines().toList();
    }
  }
}
