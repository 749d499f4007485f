package io.gantry.module.host;

import io.gantry.spi.module.RepositoryRegistry;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Provides the registry of the repositories that the module host looks into. */
@Component(service = RepositoryRegistry.class)
public final class RepositoryRegistryComponent implements RepositoryRegistry {

  private final RepositoryRegistry registry;

  @Activate
  public RepositoryRegistryComponent(@Reference ModuleHostComponent host) {
    registry = host.repositories();
  }

  @Override
  public CompletionStage<List<Report>> list() {
    return registry.list();
  }

  @Override
  public CompletionStage<Report> add(String address, boolean signed) {
    return registry.add(address, signed);
  }

  @Override
  public CompletionStage<Boolean> remove(String address) {
    return registry.remove(address);
  }

  @Override
  public CompletionStage<Collected> collect() {
    return registry.collect();
  }
}
