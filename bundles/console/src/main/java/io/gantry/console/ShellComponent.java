package io.gantry.console;

import io.gantry.console.shell.GantryCommands;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import java.io.IOException;
import java.time.InstantSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The commands {@code gantry:status}, {@code :list}, {@code :events}, {@code :deploy}, {@code
 * :history}, {@code :undo} and {@code :restart}.
 */
@Component(
    service = ShellComponent.class,
    property = {
      "osgi.command.scope=gantry",
      "osgi.command.function=status",
      "osgi.command.function=list",
      "osgi.command.function=events",
      "osgi.command.function=deploy",
      "osgi.command.function=history",
      "osgi.command.function=undo",
      "osgi.command.function=restart"
    })
public final class ShellComponent {

  private static final int EVENTS = 20;

  private final GantryCommands commands;

  /** Made by Declarative Services. */
  @Activate
  public ShellComponent(
      BundleContext context, @Reference Gateway gateway, @Reference InstantSource time) {
    String version = context.getBundle().getVersion().toString();
    commands = new GantryCommands(gateway, new ProcessFacts(version, time));
  }

  /** What runs, where it listens, what waits. */
  public String status() {
    return commands.status();
  }

  /** The modules. */
  public String list() {
    return commands.list();
  }

  /** The newest messages that reached {@code $upstream}. */
  public String events() throws IOException {
    return commands.events(EVENTS);
  }

  /** As above, so many. */
  public String events(int count) throws IOException {
    return commands.events(count);
  }

  /** Makes the manifest in a file the desired state. */
  public String deploy(String file) throws IOException, InterruptedException {
    return commands.deploy(file);
  }

  /** The deployments that are remembered. */
  public String history() {
    return commands.history();
  }

  /** Goes back to the deployment before the present one. */
  public String undo() throws InterruptedException {
    return commands.undo();
  }

  /** Stops a module and starts it again. */
  public String restart(String module) throws InterruptedException {
    return commands.restart(module);
  }
}
