package io.gantry.spi.module;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The folder into which somebody may drop bundles that shall run, each as a module of its own. Any
 * thread.
 */
@ProviderType
public interface DropIns {

  /** The modules that lie there now, each named as its bundle. */
  List<ModuleSpec> modules();

  /** What lies there and cannot be a module: file name and a sentence for a person. */
  Map<String, String> problems();

  /** Runs this whenever either has changed; it must only enqueue. */
  AutoCloseable listen(Runnable changed);
}
