package io.gantry.spi.module;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The repositories that modules are looked for in, in the order of preference, and the local cache.
 * Any thread.
 */
@ProviderType
public interface RepositoryRegistry {

  /**
   * A repository.
   *
   * @param address path or URL of an index, of a folder that holds one, or of a local folder of
   *     jars
   * @param signed whether its jars must be signed by somebody whom the trust store knows
   * @param configured whether it stands in the configuration, and cannot be removed here
   */
  record Entry(String address, boolean signed, boolean configured) {}

  /**
   * A repository and how it was found.
   *
   * @param bundles how many it offers; empty when it could not be read
   * @param readAt when it was last read well
   * @param problem why it cannot be read; a sentence
   */
  record Report(
      Entry entry, OptionalInt bundles, Optional<Instant> readAt, Optional<String> problem) {}

  /**
   * What a collection has done.
   *
   * @param deleted jars
   * @param freedBytes their size
   * @param kept jars that are needed
   * @param keptBytes their size
   */
  record Collected(int deleted, long freedBytes, int kept, long keptBytes) {}

  /** Reads all of them and tells how they are; may take long, never fails. */
  CompletionStage<List<Report>> list();

  /**
   * Adds one, or changes whether it must be signed; durably.
   *
   * @return completes when it is kept, with how it was found; fails with {@link
   *     IllegalArgumentException} for what can be no address, and with {@link ModuleException} when
   *     it cannot be kept
   */
  CompletionStage<Report> add(String address, boolean signed);

  /**
   * Removes one that was added.
   *
   * @return completes with whether there was one; fails with {@link IllegalArgumentException} for
   *     one that stands in the configuration
   */
  CompletionStage<Boolean> remove(String address);

  /** Deletes from the cache what nobody needs. */
  CompletionStage<Collected> collect();
}
