package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.module.host.fetch.Addresses;
import io.gantry.module.host.fetch.FetchException;
import io.gantry.spi.module.RepositoryAddress;
import io.gantry.spi.module.RepositoryRegistry.Entry;
import io.gantry.spi.store.Table;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Which repositories there are: those of the configuration, and behind them those that somebody
 * added, in the order in which they were. Any thread.
 */
public final class Sources {

  private static final String SIGNED = "signed";
  private static final String UNSIGNED = "unsigned";

  private final List<Entry> configured;
  private final Table added;

  /** A row of the table: its value is {@code order signed|unsigned}. */
  private record Row(long order, Entry entry) {

    static Row of(String address, String value) {
      String[] words = value.split(" ", 2);
      return new Row(Long.parseLong(words[0]), new Entry(address, words[1].equals(SIGNED), false));
    }
  }

  public Sources(List<Entry> configured, Table added) {
    this.configured = List.copyOf(configured);
    this.added = added;
  }

  /** All, in order of preference. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>(configured);
    rows().stream()
        .map(Row::entry)
        .filter(entry -> !isConfigured(entry.address()))
        .forEach(all::add);
    return all;
  }

  /**
   * Adds one, or changes it.
   *
   * @return the entry, once it is kept
   * @throws IllegalArgumentException for what can be no address, or stands in the configuration
   */
  public CompletionStage<Entry> add(String text, boolean signed) {
    String address = checked(text);
    for (Entry entry : configured) {
      if (entry.address().equals(address)) {
        if (entry.signed() == signed) {
          return CompletableFuture.completedFuture(entry);
        }
        throw new IllegalArgumentException(
            "repository " + address + " stands in the configuration and is changed there");
      }
    }
    long order =
        rows().stream()
            .filter(row -> row.entry().address().equals(address))
            .map(Row::order)
            .findFirst()
            .orElseGet(() -> rows().stream().mapToLong(Row::order).max().orElse(0) + 1);
    String value = order + " " + (signed ? SIGNED : UNSIGNED);
    return added
        .put(address, value.getBytes(UTF_8))
        .thenApply(kept -> new Entry(address, signed, false));
  }

  /**
   * Removes one that was added.
   *
   * @return whether there was one, once it is gone
   * @throws IllegalArgumentException for one that stands in the configuration
   */
  public CompletionStage<Boolean> remove(String text) {
    String address = address(text);
    if (isConfigured(address)) {
      throw new IllegalArgumentException(
          "repository " + address + " stands in the configuration and is removed there");
    }
    if (added.get(address).isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    return added.remove(address).thenApply(gone -> true);
  }

  private boolean isConfigured(String address) {
    return configured.stream().anyMatch(entry -> entry.address().equals(address));
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String address : added.keys()) {
      added.get(address).ifPresent(value -> rows.add(Row.of(address, new String(value, UTF_8))));
    }
    rows.sort(Comparator.comparing(Row::order));
    return rows;
  }

  /** One spelling for one address: a slash at its end means nothing. */
  static String address(String text) {
    String address = text.strip();
    while (address.length() > 1 && address.endsWith("/")) {
      address = address.substring(0, address.length() - 1);
    }
    return address;
  }

  private static String checked(String text) {
    String address = address(text);
    RepositoryAddress.requireNoSecret("the repository cannot be added", address);
    try {
      if (Addresses.isRemote(address)) {
        Addresses.remote(address);
        return address;
      }
      path(address);
      return address;
    } catch (FetchException e) {
      throw new IllegalArgumentException("the repository's address " + e.getMessage(), e);
    }
  }

  private static Path path(String address) throws FetchException {
    String expected = " cannot be used: expected http(s)://..., file:... or an absolute path";
    try {
      Path path = address.startsWith("file:") ? Path.of(new URI(address)) : Path.of(address);
      if (!path.isAbsolute()) {
        throw FetchException.lasting("'" + address + "'" + expected);
      }
      return path;
    } catch (URISyntaxException | InvalidPathException e) {
      throw FetchException.lasting("'" + address + "'" + expected);
    } catch (IllegalArgumentException e) {
      throw FetchException.lasting("'" + address + "'" + expected);
    }
  }
}
