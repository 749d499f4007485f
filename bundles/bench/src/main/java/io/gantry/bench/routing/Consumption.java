package io.gantry.bench.routing;

import com.sun.management.ThreadMXBean;
import io.gantry.bench.process.ProcessFigures;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What this process has taken so far: all of it, the sender and the receiver included.
 *
 * @param nanos of time
 * @param cpu of processor
 * @param allocated bytes, by the threads that are alive
 */
record Consumption(long nanos, Duration cpu, long allocated) {

  static Consumption now() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      allocated += Math.max(0, bytes);
    }
    Duration cpu = new ProcessFigures(ProcessHandle.current().pid()).cpu();
    return new Consumption(System.nanoTime(), cpu, allocated);
  }

  Consumption since(Consumption before) {
    return new Consumption(
        nanos - before.nanos, cpu.minus(before.cpu), allocated - before.allocated);
  }

  double rate(long messages) {
    return messages * 1e9 / nanos;
  }

  double microseconds(long messages) {
    return cpu.toNanos() / 1e3 / messages;
  }

  double bytes(long messages) {
    return (double) allocated / messages;
  }
}
