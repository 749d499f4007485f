package io.gantry.agent.loop;

import io.gantry.spi.deployment.HubConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A hub that refuses routes with the word BAD in them, and fails to apply when it is told so. */
final class FakeHub implements HubConfiguration {

  static final String ERROR = "$edgeHub.routes.up: expected a route, found BAD";

  final List<String> applied = new ArrayList<>();
  List<String> warnings = List.of();
  boolean failing;
  boolean broken;
  boolean hanging;
  boolean unlinked;
  boolean exhausted;

  @Override
  public List<String> check(String desired) {
    if (exhausted) {
      throw new StackOverflowError("a condition that is too deep for the hub");
    }
    if (broken) {
      throw new IllegalStateException("a bug of the hub");
    }
    return desired.contains("BAD") ? List.of(ERROR) : List.of();
  }

  @Override
  public List<String> warnings(String desired) {
    return warnings;
  }

  @Override
  public CompletionStage<Void> apply(String desired) {
    if (unlinked) {
      throw new NoClassDefFoundError("a class of the hub");
    }
    if (failing) {
      return CompletableFuture.failedFuture(new IllegalStateException("the hub's disk is full"));
    }
    if (hanging) {
      return new CompletableFuture<>();
    }
    applied.add(desired);
    return CompletableFuture.completedFuture(null);
  }
}
