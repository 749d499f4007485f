package io.gantry.agent.client.upload;

import java.nio.file.Path;
import java.util.List;

/**
 * A file that goes to a blob store.
 *
 * @param name its path within the container
 * @param file what is in it
 * @param mediaType of what is in it
 * @param gzip whether that is compressed
 * @param append whether it is put together from blocks, as a log that may go on
 */
public record Blob(List<String> name, Path file, String mediaType, boolean gzip, boolean append) {

  public Blob {
    name = List.copyOf(name);
  }

  /** The name as text. */
  public String title() {
    return String.join("/", name);
  }
}
