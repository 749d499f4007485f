package io.gantry.store.queue;

import io.gantry.spi.store.MessageQueue.Entry;
import java.util.List;

/**
 * What a look at the disk found.
 *
 * @param entries records of the queue
 * @param nextOffset everything before was looked at
 * @param nextPosition where to go on
 */
record Scan(List<Entry> entries, long nextOffset, ScanPosition nextPosition) {}
