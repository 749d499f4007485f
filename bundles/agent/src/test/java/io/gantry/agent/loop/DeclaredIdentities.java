package io.gantry.agent.loop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.IdentityException;
import io.gantry.testkit.identity.FakeIdentities;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A registry that notes what is declared beside the agent itself, and is full or silent when it is
 * told so.
 */
final class DeclaredIdentities extends FakeIdentities {

  final List<String> declared = new ArrayList<>();
  boolean full;
  boolean silent;

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    Set<String> others = new TreeSet<>(modules);
    assertTrue(others.remove("$edgeAgent"), "the agent speaks with the hub too");
    declared.add(String.join(",", others));
    if (silent) {
      return new CompletableFuture<>();
    }
    return full
        ? CompletableFuture.failedFuture(
            new IdentityException(IdentityException.Kind.FULL, "there are too many already"))
        : CompletableFuture.completedFuture(null);
  }
}
