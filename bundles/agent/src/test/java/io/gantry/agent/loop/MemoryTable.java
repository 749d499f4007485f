package io.gantry.agent.loop;

import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A table that survives the agent, and is full when it is told so. */
final class MemoryTable implements Table {

  private final Map<String, byte[]> values = new TreeMap<>();
  boolean full;
  int writes;

  @Override
  public Optional<byte[]> get(String key) {
    return Optional.ofNullable(values.get(key)).map(byte[]::clone);
  }

  @Override
  public Set<String> keys() {
    return Set.copyOf(values.keySet());
  }

  @Override
  public CompletionStage<Void> put(String key, byte[] value) {
    writes++;
    if (full) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Kind.FULL, "no space left"));
    }
    values.put(key, value.clone());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> remove(String key) {
    values.remove(key);
    return CompletableFuture.completedFuture(null);
  }
}
