package io.gantry.agent.client.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.gantry.agent.client.payload.BadArgumentException;
import io.gantry.spi.log.LogQuery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;

/** Lines as the answer to a call: a payload of a method holds 128 KiB. */
public final class LogAnswer {

  /** As the IoT Edge agent has it. */
  static final int MOST_BYTES = 127_000;

  private LogAnswer() {}

  /** The answer, which is complete or refused. */
  public static String of(LogWriter writer, SortedMap<String, LogQuery> wanted, LogForm form)
      throws IOException, BadArgumentException {
    JsonArray answer = new JsonArray();
    int left = MOST_BYTES;
    try {
      for (Map.Entry<String, LogQuery> module : wanted.entrySet()) {
        Bounded bytes = new Bounded(left);
        writer.write(module.getKey(), module.getValue(), form, bytes);
        left -= bytes.size();
        JsonObject item = new JsonObject();
        item.addProperty("id", module.getKey());
        if (form.gzip()) {
          item.addProperty("payloadBytes", Base64.getEncoder().encodeToString(bytes.toByteArray()));
        } else {
          item.addProperty("payload", bytes.text());
        }
        answer.add(item);
      }
    } catch (TooLargeException tooLarge) {
      throw tooLarge(form);
    }
    String json = answer.toString();
    if (json.getBytes(UTF_8).length > MOST_BYTES) {
      throw tooLarge(form);
    }
    return json;
  }

  private static BadArgumentException tooLarge(LogForm form) {
    return new BadArgumentException(
        "The answer would have more than "
            + MOST_BYTES
            + " bytes: ask for less by tail, since, until, loglevel or regex"
            + (form.gzip() ? "" : ", use the encoding gzip")
            + ", or call UploadModuleLogs");
  }

  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Bytes in memory, at most so many. */
  private static final class Bounded extends OutputStream {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int most;

    Bounded(int most) {
      this.most = most;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (bytes.size() + length > most) {
        throw new TooLargeException();
      }
      bytes.write(from, offset, length);
    }

    int size() {
      return bytes.size();
    }

    byte[] toByteArray() {
      return bytes.toByteArray();
    }

    String text() {
      return bytes.toString(UTF_8);
    }
  }
}
