package io.gantry.store.queue;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What recovery has found.
 *
 * @param queues all queues
 * @param full the files that nothing is written to any more, the oldest first
 * @param last the file to go on with, if it is sound
 * @param inLast what that file holds of each queue, by id
 * @param nextOffset behind everything that was found
 * @param nextId first id that no queue has had yet
 * @param bytes what all this occupies
 */
record Recovered(
    Collection<QueueState> queues,
    List<Full> full,
    Optional<Segment> last,
    Map<Integer, Amount> inLast,
    long nextOffset,
    int nextId,
    long bytes) {

  /**
   * A full file.
   *
   * @param segment the file
   * @param shares what it holds of each queue, by id
   * @param indexBytes length of the file beside it
   * @param rebuilt what must be written beside it, if it was missing
   */
  record Full(
      Segment segment,
      Map<Integer, Share> shares,
      long indexBytes,
      Optional<SegmentIndex> rebuilt) {}
}
