package io.gantry.spi.execution;

import java.util.concurrent.CompletionException;

/** What stages have in common. */
public final class Stages {

  private Stages() {}

  /** Why a stage has failed, whether it failed itself or hands on the failure of another one. */
  public static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
