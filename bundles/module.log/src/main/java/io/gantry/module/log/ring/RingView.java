package io.gantry.module.log.ring;

import io.gantry.spi.log.LogLine;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a ring held at some moment; may be read while it goes on. Any thread. */
public final class RingView {

  private static final Logger LOG = LoggerFactory.getLogger(RingView.class);

  private final List<Segment> segments;

  RingView(List<Segment> segments) {
    this.segments = List.copyOf(segments);
  }

  /**
   * Reads lines, oldest first: all of this moment or later, and maybe earlier ones. A file that has
   * gone since is passed over: its lines were the oldest.
   */
  public void read(Optional<Instant> since, Consumer<LogLine> lines) throws IOException {
    for (int i = 0; i < segments.size(); i++) {
      if (i + 1 < segments.size() && isOver(segments.get(i + 1).before(), since)) {
        continue;
      }
      try {
        segments.get(i).read(lines);
      } catch (NoSuchFileException gone) {
        LOG.debug("Made room for newer lines meanwhile", gone);
      }
    }
  }

  private static boolean isOver(long latest, Optional<Instant> since) {
    return since.isPresent() && Instant.ofEpochMilli(latest).isBefore(since.get());
  }
}
