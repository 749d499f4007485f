package io.gantry.spi.module;

import java.util.List;
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
   * Finds, downloads, verifies and resolves a module with everything it needs. Changes nothing that
   * runs; may take long.
   */
  CompletionStage<PreparedModule> prepare(ModuleSpec spec);

  /**
   * Installs a prepared module with the shared bundles it lacks, and sets its configuration; does
   * not start it. A module of this name that is already there is stopped and replaced; bundles that
   * nobody needs any more are removed.
   */
  CompletionStage<Void> install(PreparedModule module);

  /**
   * Starts an installed module; completes when its activator has returned and its immediate
   * components are active, and fails when one of them threw or took longer than the time limit.
   */
  CompletionStage<Void> start(String name);

  /** Stops a module in order. Completes at once when it does not run. */
  CompletionStage<Void> stop(String name);

  /**
   * Stops and uninstalls a module, its configuration and the shared bundles that it alone used; its
   * storage folder stays.
   */
  CompletionStage<Void> remove(String name);

  /**
   * Tells the listener of every change that was not asked for by a step (a module that stopped or
   * failed by itself). Only enqueue in the listener.
   */
  AutoCloseable listen(ModuleListener listener);
}
