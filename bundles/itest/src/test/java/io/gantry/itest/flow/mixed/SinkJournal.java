package io.gantry.itest.flow.mixed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the module sink has written down. */
public final class SinkJournal {

  private static final int FIELDS = 6;

  private SinkJournal() {}

  /**
   * Reads all of it.
   *
   * @param data of the distribution
   */
  public static void read(Path data, Arrivals arrivals) {
    try (BufferedReader journal =
        Files.newBufferedReader(PlantModules.storage(data, SinkModule.NAME, SinkModule.JOURNAL))) {
      for (String line = journal.readLine(); line != null; line = journal.readLine()) {
        String[] fields = line.split(SinkModule.FIELD, -1);
        if (fields.length == FIELDS && fields[FIELDS - 1].equals(SinkModule.END)) {
          arrivals.add(
              fields[0],
              Map.of("sender", fields[1], "number", fields[2], "kind", fields[3]),
              fields[4]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
