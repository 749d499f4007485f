package io.gantry.agent.client.log;

import com.google.gson.JsonObject;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Writes lines in the form that a caller wants, without holding them all. */
public final class LogWriter {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS xxx", Locale.ROOT);

  private final ModuleLogs logs;
  private final String hub;
  private final String device;

  /**
   * @param hub name of the IoT hub that this gateway stands in for
   * @param device id of this gateway
   */
  public LogWriter(ModuleLogs logs, String hub, String device) {
    this.logs = logs;
    this.hub = hub;
    this.device = device;
  }

  /** Writes the lines of a module; does not close what it writes to. */
  public void write(String module, LogQuery query, LogForm form, OutputStream out)
      throws IOException {
    GZIPOutputStream zip = form.gzip() ? new GZIPOutputStream(out) : null;
    Writer writer =
        new BufferedWriter(new OutputStreamWriter(zip == null ? out : zip, StandardCharsets.UTF_8));
    try {
      if (form.json()) {
        json(module, query, writer);
      } else {
        logs.read(module, query, line -> append(writer, text(line)));
      }
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
    writer.flush();
    if (zip != null) {
      zip.finish();
    }
  }

  private void json(String module, LogQuery query, Writer writer) throws IOException {
    String[] between = {"["};
    logs.read(
        module,
        query,
        line -> {
          append(writer, between[0] + entry(module, line));
          between[0] = ",";
        });
    append(writer, between[0].equals("[") ? "[]" : "]");
  }

  private static void append(Writer writer, String text) {
    try {
      writer.append(text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** As IoT Edge writes it; a tab sets off what belongs to the same line. */
  private static String text(LogLine line) {
    return "<"
        + line.level()
        + "> "
        + TIME.format(line.time().atOffset(ZoneOffset.UTC))
        + " "
        + line.text().replace("\n", "\n\t")
        + "\n";
  }

  private JsonObject entry(String module, LogLine line) {
    JsonObject entry = new JsonObject();
    entry.addProperty("iothub", hub);
    entry.addProperty("device", device);
    entry.addProperty("id", module);
    entry.addProperty("stream", "stdout");
    entry.addProperty("loglevel", line.level());
    entry.addProperty("text", line.text());
    entry.addProperty("timestamp", line.time().toString());
    return entry;
  }
}
