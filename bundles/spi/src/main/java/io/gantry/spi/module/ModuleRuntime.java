package io.gantry.spi.module;

import io.gantry.spi.module.ModuleForecast.Disturbance;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The engine room: makes bundles out of module specifications and knows nothing of why they are
 * wanted. All stages complete on threads of the runtime and fail with {@link ModuleException}.
 * Steps on one module must be asked for one after another, except that {@link #prepare} may overlap
 * with {@link #start} and {@link #stop}; different modules may overlap.
 */
@ProviderType
public interface ModuleRuntime {

  /** All modules in the framework now. */
  List<InstalledModule> modules();

  /**
   * What {@link #prepare} would find and what putting it in place would disturb. Reads indexes of
   * repositories, downloads no bundle and changes nothing; fails as {@link #prepare} does.
   */
  CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins);

  /**
   * How what was prepared before would be put in place: nothing is looked up. To be downloaded is
   * what the local cache has lost.
   */
  CompletionStage<ModuleForecast> forecast(PreparedModule module);

  /**
   * Which modules would notice when these steps were made one after another, apart from those that
   * are moved themselves. What a module uses is known while it runs and not before; of what is put
   * in place it is known what its components offer, as soon as its jar is at hand, and supposed
   * that it offers what its predecessor has offered.
   *
   * @param moves at most one for each module
   * @return for each move, in the same order
   */
  CompletionStage<List<List<Disturbance>>> disturbances(List<ModuleMove> moves);

  /**
   * Finds, downloads, verifies and resolves a module with everything it needs. Changes nothing that
   * runs; may take long. Cancelling the future ends it soon; what was downloaded is kept for the
   * next try.
   *
   * @param logins for repositories that ask who we are
   * @param progress is told of downloads
   */
  CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress);

  /** As above, with no logins, and telling nobody. */
  default CompletableFuture<PreparedModule> prepare(ModuleSpec spec) {
    return prepare(spec, List.of(), FetchProgress.NONE);
  }

  /**
   * Whether all jars of a prepared module are in the local cache as they should be, so that it can
   * be installed without asking anybody. Reads them; never fails.
   */
  CompletionStage<Boolean> holds(PreparedModule module);

  /**
   * Installs a prepared module with the shared bundles it lacks, and sets its configuration; does
   * not start it. A module of this name that is already there is stopped and replaced; bundles that
   * nobody needs any more are removed. Fails with {@link ModuleException#outdated()} when it does
   * not fit the framework any more.
   */
  CompletionStage<Void> install(PreparedModule module);

  /**
   * Puts a prepared module in the place of one that runs. The new one is started beside the old one
   * and waited for until it is healthy; then it is given what comes in, the old one finishes what
   * it was given, and is stopped and removed. When the new one cannot be started or is not healthy
   * in time it is dropped, and the stage fails; the old one has never stopped then.
   *
   * <p>When either of them is exclusive, or its bundle is a singleton, the old one is stopped first
   * while what comes in waits; when the new one fails then, the old one is started again.
   */
  CompletionStage<Void> swap(PreparedModule module);

  /**
   * Starts an installed module; completes when its activator has returned and its immediate
   * components are active, and fails when one of them threw or took longer than the time limit.
   */
  CompletionStage<Void> start(String name);

  /**
   * Stops a module in order. Completes at once when it does not run. What it was given it may
   * finish; what comes in meanwhile waits.
   */
  CompletionStage<Void> stop(String name);

  /**
   * Stops and uninstalls a module, its configuration and the shared bundles that it alone used; its
   * storage folder stays.
   */
  CompletionStage<Void> remove(String name);

  /**
   * From now on only what is installed and these need to stay in the local cache: what is to be
   * started again, or gone back to, without a network.
   */
  void retain(Collection<PreparedModule> modules);

  /**
   * From now on this is who we are for repositories that somebody looks at for other reasons than
   * to prepare a module.
   */
  void use(List<RepositoryLogin> logins);

  /**
   * Tells the listener of every change that was not asked for by a step (a module that stopped or
   * failed by itself). Only enqueue in the listener.
   */
  AutoCloseable listen(ModuleListener listener);
}
