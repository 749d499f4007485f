package io.gantry.store.queue;

import java.util.ArrayList;
import java.util.List;

/** The queues that a record is kept for when its file is rewritten. */
final class KeptReferences implements LogRecord.References {

  private final List<Integer> ids = new ArrayList<>();
  private final List<Integer> expiries = new ArrayList<>();

  /** Adds a queue, and when the record expires there, as it is on disk. */
  void add(int id, int expiry) {
    ids.add(id);
    expiries.add(expiry);
  }

  @Override
  public int size() {
    return ids.size();
  }

  @Override
  public int id(int index) {
    return ids.get(index);
  }

  @Override
  public int expiry(int index) {
    return expiries.get(index);
  }
}
