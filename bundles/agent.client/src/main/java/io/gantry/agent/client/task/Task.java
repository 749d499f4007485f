package io.gantry.agent.client.task;

/**
 * Work that goes on after its call was answered, as it stands now.
 *
 * @param id by which it is asked for
 * @param state how far it is
 * @param message what went wrong; empty when nothing did
 */
public record Task(String id, State state, String message) {

  /** How far work is, by the words of the IoT Edge agent. */
  public enum State {
    /** It waits for other work. */
    NOT_STARTED("NotStarted"),
    /** It is under way. */
    RUNNING("Running"),
    /** It was done. */
    COMPLETED("Completed"),
    /** It came to nothing, or not to all. */
    FAILED("Failed"),
    /** Nobody remembers it. */
    UNKNOWN("Unknown");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** For callers. */
    public String word() {
      return word;
    }
  }

  boolean isOver() {
    return state == State.COMPLETED || state == State.FAILED;
  }
}
