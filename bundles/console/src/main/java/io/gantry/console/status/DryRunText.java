package io.gantry.console.status;

import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.deployment.DryRun.ModuleChange;
import io.gantry.spi.deployment.DryRun.RouteChange;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Download;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a deployment would do, for somebody who has to decide whether it may be done now: what is
 * fetched, what becomes of each module and why, and who else would notice.
 */
public final class DryRunText {

  private static final int DONE = 200;
  private static final Set<Integer> UNMET = Set.of(DeployResult.UNMET, 500);
  private static final String NONE = "-";
  private static final String MODULE = "MODULE";
  private static final String ARROW = " -> ";

  private final DryRun run;
  private final StringBuilder text = new StringBuilder();

  private DryRunText(DryRun run) {
    this.run = run;
  }

  /** The text. */
  public static String of(DryRun run) {
    return new DryRunText(run).render();
  }

  /** Whether anything would become different. */
  static boolean changes(DryRun run) {
    return run.modules().stream().anyMatch(module -> module.change() != Change.NONE)
        || !run.routes().isEmpty()
        || !run.settings().isEmpty();
  }

  private String render() {
    boolean changes = changes(run);
    text.append(verdict(changes)).append('\n');
    list(isUnmet() ? "cannot be met: " : "error: ", run.errors());
    list("warning: ", run.warnings());
    if (changes || !run.downloads().isEmpty()) {
      downloads();
      modules();
      disturbances();
      routes();
      settings();
    }
    return text.toString();
  }

  private String verdict(boolean changes) {
    if (run.code() == DONE) {
      return changes
          ? "this deployment could be made; nothing has been changed"
          : "nothing would change: the gateway is as the manifest declares it";
    }
    return isUnmet()
        ? "this deployment could not be made ("
            + run.code()
            + "): something that it needs cannot be had; nothing has been changed"
        : "this manifest would be refused (" + run.code() + "); nothing would change";
  }

  private boolean isUnmet() {
    return UNMET.contains(run.code());
  }

  private void list(String title, List<String> sentences) {
    sentences.forEach(one -> text.append(title).append(PlainText.escaped(one)).append('\n'));
  }

  private void downloads() {
    List<Download> downloads = run.downloads();
    if (downloads.isEmpty()) {
      text.append("\nDownloads: none\n");
      return;
    }
    long known = downloads.stream().mapToLong(Download::bytes).filter(bytes -> bytes > 0).sum();
    boolean all = downloads.stream().allMatch(download -> download.bytes() >= 0);
    String bundles = downloads.size() == 1 ? "1 bundle" : downloads.size() + " bundles";
    text.append("\nDownloads: ").append(bundles).append(all ? ", " : ", at least ");
    text.append(Sizes.text(known)).append('\n');
    TextTable table = new TextTable("BUNDLE", "VERSION", "SIZE", "FROM");
    for (Download download : downloads) {
      table.row(
          PlainText.escaped(download.symbolicName()),
          PlainText.escaped(download.version()),
          download.bytes() < 0 ? "unknown" : Sizes.text(download.bytes()),
          PlainText.escaped(download.repository()));
    }
    text.append(table.render(2));
  }

  private void modules() {
    List<ModuleChange> changed = new ArrayList<>(run.modules());
    changed.removeIf(module -> module.change() == Change.NONE);
    text.append("\nModules\n");
    if (!changed.isEmpty()) {
      TextTable table = new TextTable("CHANGE", MODULE, "VERSION", "WHAT HAPPENS");
      changed.forEach(
          module ->
              table.row(
                  word(module.change()),
                  PlainText.escaped(module.name()),
                  PlainText.escaped(versions(module)),
                  meaning(module.change())));
      Iterator<String> lines = table.render(2).lines().iterator();
      String titles = lines.next();
      String below = " ".repeat(titles.indexOf(MODULE));
      text.append(titles).append('\n');
      for (ModuleChange module : changed) {
        text.append(lines.next()).append('\n');
        list(below + "because ", module.reasons());
      }
    }
    String unchanged =
        run.modules().stream()
            .filter(module -> module.change() == Change.NONE)
            .map(module -> PlainText.escaped(module.name()))
            .collect(Collectors.joining(", "));
    if (!unchanged.isEmpty()) {
      text.append("  unchanged: ").append(unchanged).append('\n');
    } else if (changed.isEmpty()) {
      text.append("  none\n");
    }
  }

  static String word(Change change) {
    return change.name().toLowerCase(Locale.ROOT);
  }

  private static String versions(ModuleChange module) {
    Optional<String> from = module.from();
    Optional<String> to = module.to();
    if (from.isPresent() && to.isPresent() && !from.equals(to)) {
      return from.get() + ARROW + to.get();
    }
    return to.or(() -> from).orElse(NONE);
  }

  private static String meaning(Change change) {
    return switch (change) {
      case ADD -> "it comes new";
      case SWAP -> "the new one takes over while both run";
      case REPLACE -> "it is stopped, then the new one starts; its messages wait meanwhile";
      case START -> "it is started";
      case STOP -> "it is stopped and stays installed";
      case REMOVE -> "it is stopped and goes";
      case ADOPT -> "it goes on; only its declaration changes";
      case NONE -> "nothing";
    };
  }

  private void disturbances() {
    List<String> sentences = new ArrayList<>();
    for (ModuleChange module : run.modules()) {
      module.disturbances().forEach(one -> sentences.add(sentence(module.name(), one)));
    }
    if (sentences.isEmpty()) {
      text.append("  no other module is disturbed\n");
    } else {
      text.append("\nOther modules that are disturbed\n");
      list("  ", sentences);
    }
  }

  private static String sentence(String cause, Disturbance disturbance) {
    String effect =
        switch (disturbance.effect()) {
          case RESTARTED -> " is restarted";
          case REBOUND -> " goes on, with another service than before";
        };
    return disturbance.module()
        + effect
        + ", because of "
        + cause
        + ": "
        + String.join(ARROW, disturbance.chain());
  }

  private void routes() {
    if (run.routes().isEmpty()) {
      return;
    }
    text.append("\nRoutes\n");
    TextTable table = new TextTable("CHANGE", "ROUTE", "TEXT");
    for (RouteChange route : run.routes()) {
      String name = PlainText.escaped(route.name());
      Optional<String> before = route.before().map(PlainText::escaped);
      Optional<String> after = route.after().map(PlainText::escaped);
      if (before.isPresent() && after.isPresent()) {
        table.row("change", name, "before: " + before.get());
        table.row("", "", "after:  " + after.get());
      } else {
        table.row(after.isPresent() ? "add" : "remove", name, after.or(() -> before).orElse(NONE));
      }
    }
    text.append(table.render(2));
  }

  private void settings() {
    if (!run.settings().isEmpty()) {
      text.append("\nSettings of hub and agent\n");
      list("  ", run.settings());
    }
  }
}
