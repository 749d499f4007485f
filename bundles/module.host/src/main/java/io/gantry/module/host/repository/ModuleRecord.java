package io.gantry.module.host.repository;

import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is remembered of one module: enough to install it again without any repository. The text
 * form has one line for each fact:
 *
 * <pre>
 * gantry-module 1
 * current io.acme.filter:[1.0,2.0)
 * bundle 1.2.0 {sha256}
 * shared io.acme.lib 1.0.0 {sha256}
 * previous ...
 * </pre>
 *
 * @param entries at most one for each role
 */
record ModuleRecord(List<Entry> entries) {

  private static final String HEADER = "gantry-module 1";

  /** How far an entry got. Ordered by how much we want it back after a restart. */
  enum Role {
    /** Installed last. */
    CURRENT,
    /** Prepared and not installed. */
    CANDIDATE,
    /** What the current one replaced. */
    PREVIOUS
  }

  /** One prepared module; {@code image} is the reference as text. */
  record Entry(Role role, String image, String version, String sha256, List<SharedBundle> shared) {

    static Entry of(Role role, PreparedModule prepared) {
      return new Entry(
          role,
          prepared.spec().image().toString(),
          prepared.version(),
          prepared.sha256(),
          prepared.shared());
    }

    boolean sameAs(Entry other) {
      return as(other.role).equals(other);
    }

    Entry as(Role newRole) {
      return new Entry(newRole, image, version, sha256, shared);
    }

    PreparedModule prepared(ModuleSpec spec) {
      return new PreparedModule(spec, version, sha256, shared);
    }

    Set<String> digests() {
      Set<String> digests = new LinkedHashSet<>(Set.of(sha256));
      shared.forEach(bundle -> digests.add(bundle.sha256()));
      return digests;
    }
  }

  static final ModuleRecord EMPTY = new ModuleRecord(List.of());

  ModuleRecord {
    entries = List.copyOf(entries);
  }

  Optional<Entry> entry(Role role) {
    return entries.stream().filter(e -> e.role() == role).findFirst();
  }

  /** A module was prepared; says nothing new when the same one is installed. */
  ModuleRecord prepared(PreparedModule module) {
    Entry candidate = Entry.of(Role.CANDIDATE, module);
    boolean installed = entry(Role.CURRENT).filter(candidate::sameAs).isPresent();
    return installed ? without(Role.CANDIDATE) : without(Role.CANDIDATE).with(candidate);
  }

  /** A module was installed in place of the current one. */
  ModuleRecord installed(PreparedModule module) {
    Entry now = Entry.of(Role.CURRENT, module);
    Optional<Entry> replaced = entry(Role.CURRENT).filter(e -> !e.sameAs(now));
    ModuleRecord rest = without(Role.CURRENT);
    rest =
        rest.entry(Role.CANDIDATE).filter(now::sameAs).isPresent()
            ? rest.without(Role.CANDIDATE)
            : rest;
    return replaced
        .map(e -> e.as(Role.PREVIOUS))
        .map(rest.without(Role.PREVIOUS)::with)
        .orElse(rest)
        .with(now);
  }

  private ModuleRecord with(Entry entry) {
    List<Entry> more = new ArrayList<>(entries);
    more.add(entry);
    more.sort(Comparator.comparing(Entry::role));
    return new ModuleRecord(more);
  }

  private ModuleRecord without(Role role) {
    return new ModuleRecord(entries.stream().filter(e -> e.role() != role).toList());
  }

  Set<String> digests() {
    Set<String> digests = new LinkedHashSet<>();
    entries.forEach(e -> digests.addAll(e.digests()));
    return digests;
  }

  String toText() {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (Entry e : entries) {
      text.append(e.role().name().toLowerCase(Locale.ROOT)).append(' ');
      text.append(e.image()).append('\n');
      text.append("bundle ").append(e.version()).append(' ').append(e.sha256()).append('\n');
      for (SharedBundle s : e.shared()) {
        text.append("shared ").append(s.symbolicName()).append(' ');
        text.append(s.version()).append(' ').append(s.sha256()).append('\n');
      }
    }
    return text.toString();
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException when it is of another version or damaged
   */
  static ModuleRecord parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
      throw new IllegalArgumentException("expected the first line '" + HEADER + "'");
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 1; i < lines.size(); ) {
      String[] head = fields(lines.get(i), 2);
      String[] bundle = fields(i + 1 < lines.size() ? lines.get(i + 1) : "", 3);
      List<SharedBundle> shared = new ArrayList<>();
      for (i += 2; i < lines.size() && lines.get(i).startsWith("shared "); i++) {
        String[] f = fields(lines.get(i), 4);
        shared.add(new SharedBundle(f[1], f[2], f[3]));
      }
      Role role = Role.valueOf(head[0].toUpperCase(Locale.ROOT));
      entries.add(new Entry(role, head[1], bundle[1], bundle[2], List.copyOf(shared)));
    }
    return new ModuleRecord(entries);
  }

  private static String[] fields(String line, int expected) {
    String[] fields = line.split(" ", expected);
    if (fields.length != expected) {
      throw new IllegalArgumentException("expected " + expected + " fields in '" + line + "'");
    }
    return fields;
  }
}
