package io.gantry.console.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What Linux tells of the machine in {@code /proc}; nothing on another system. Any thread. */
final class ProcFiles {

  private static final long KIB = 1024;

  private final Path folder;

  /** In this folder. */
  ProcFiles(Path folder) {
    this.folder = folder;
  }

  /** How long the machine has been running, in seconds. */
  OptionalDouble uptimeSeconds() {
    return lines("uptime").stream()
        .mapToDouble(line -> Double.parseDouble(line.split(" ")[0]))
        .findFirst();
  }

  /** Its memory, in bytes. */
  OptionalLong totalMemory() {
    return memory("MemTotal:");
  }

  /** That part of it that a program could have now without anything being swapped, in bytes. */
  OptionalLong availableMemory() {
    return memory("MemAvailable:");
  }

  private OptionalLong memory(String name) {
    for (String line : lines("meminfo")) {
      if (line.startsWith(name)) {
        String kib = line.substring(name.length()).replace("kB", "").strip();
        return OptionalLong.of(Long.parseLong(kib) * KIB);
      }
    }
    return OptionalLong.empty();
  }

  private List<String> lines(String name) {
    Path file = folder.resolve(name);
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }
}
