package io.gantry.agent.client.task;

import io.gantry.agent.client.task.Task.State;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The tasks that are remembered: those that are not over, and the last of the others. Any thread.
 */
public final class Tasks {

  private static final int MOST_REMEMBERED = 100;
  private static final int MOST_WAITING = 10;

  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Queue<String> order = new ConcurrentLinkedQueue<>();

  /** Whether too many are waiting for another one. */
  public boolean isFull() {
    return tasks.values().stream().filter(task -> !task.isOver()).count() >= MOST_WAITING;
  }

  /** A new one. */
  public Task add() {
    Task task = new Task(UUID.randomUUID().toString(), State.NOT_STARTED, "");
    tasks.put(task.id(), task);
    order.add(task.id());
    while (order.size() > MOST_REMEMBERED) {
      tasks.remove(order.remove());
    }
    return task;
  }

  /** From now on it stands like this. */
  public void set(String id, State state, String message) {
    tasks.computeIfPresent(id, (same, task) -> new Task(id, state, message));
  }

  /** How it stands. */
  public Task get(String id) {
    Task task = tasks.get(id);
    return task != null
        ? task
        : new Task(id, State.UNKNOWN, "No task of this correlationId is remembered");
  }
}
