package io.gantry.agent.run;

import io.gantry.agent.manifest.Secrets;
import java.util.concurrent.CompletionException;

/** Texts of what went wrong. */
public final class Failures {

  private Failures() {}

  /** The sentence that came with it, without secrets; for what was never expected, its kind too. */
  public static String text(Throwable failure) {
    return Secrets.hide(sentence(failure));
  }

  private static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause.getClass().getSimpleName();
    }
    return cause instanceof RuntimeException && !(cause instanceof IllegalArgumentException)
        ? cause.getClass().getSimpleName() + ": " + message
        : message;
  }

  /** The sentence for a place that has the module's name already. */
  public static String of(String module, Throwable thrown) {
    String text = text(thrown);
    String name = "module " + module + ": ";
    return text.startsWith(name) ? text.substring(name.length()) : text;
  }
}
