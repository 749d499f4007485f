package io.gantry.module.host;

import io.gantry.module.host.dropin.DropInFolder;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ModuleSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Provides the modules of the drop-in folder; none when there is no such folder. */
@Component(
    service = DropIns.class,
    configurationPid = "io.gantry.module.host",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class DropInsComponent implements DropIns {

  /** The one setting under {@code io.gantry.module.host} that is of interest here. */
  public @interface Config {
    /** The folder; empty for none. */
    String dropIns() default "";
  }

  private final Optional<DropInFolder> folder;

  @Activate
  public DropInsComponent(Config config, @Reference Scheduler scheduler, @Reference Threads threads)
      throws IOException {
    folder =
        config.dropIns().isBlank()
            ? Optional.empty()
            : Optional.of(DropInFolder.open(Path.of(config.dropIns()), scheduler, threads));
  }

  @Deactivate
  void deactivate() {
    folder.ifPresent(DropInFolder::close);
  }

  @Override
  public List<ModuleSpec> modules() {
    return folder.map(DropInFolder::modules).orElse(List.of());
  }

  @Override
  public Map<String, String> problems() {
    return folder.map(DropInFolder::problems).orElse(Map.of());
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    return folder.<AutoCloseable>map(present -> present.listen(changed)).orElse(() -> {});
  }
}
