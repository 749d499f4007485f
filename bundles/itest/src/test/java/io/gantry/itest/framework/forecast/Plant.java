package io.gantry.itest.framework.forecast;

import io.gantry.itest.framework.forecast.module.Follower;
import io.gantry.itest.framework.forecast.module.Relay;
import io.gantry.itest.framework.forecast.module.Source;
import io.gantry.itest.framework.forecast.module.Watcher;
import io.gantry.itest.framework.forecast.service.Measure;
import io.gantry.testkit.module.TestBundle;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The bundles that are deployed: eleven that become modules and six that those share, in several
 * versions. Written outside the framework.
 */
final class Plant {

  private static final String SERVICE = Measure.class.getPackageName();
  private static final String MEASURE = Measure.class.getName();
  private static final String ONE = "[1,2)";
  private static final String ONE_ONE = "[1.1,2)";

  private final Path folder;

  private Plant(Path folder) {
    this.folder = folder;
  }

  /** Writes all of them. */
  static void write(Path folder) throws IOException {
    Plant plant = new Plant(folder);
    plant.libraries();
    plant.modules();
    plant.fleet();
  }

  private void libraries() throws IOException {
    for (String version : new String[] {"1.0.0", "1.0.1", "1.1.0"}) {
      exporting(TestBundle.of("acme.api", version).type(Measure.class), SERVICE, version);
      exporting(singleton("acme.single", version), "acme.single", version);
    }
    for (String version : new String[] {"1.0.0", "1.0.1", "1.1.0", "2.0.0"}) {
      exporting(TestBundle.of("acme.lib", version), "acme.lib", version);
    }
    for (String version : new String[] {"1.0.0", "1.1.0"}) {
      String lib = version.equals("1.0.0") ? ONE : ONE_ONE;
      exporting(
          needing(TestBundle.of("acme.deep", version), "acme.lib", lib), "acme.deep", version);
      exporting(
          needing(source(TestBundle.of("acme.clock", version), "clock"), SERVICE, ONE),
          "acme.clock",
          version);
      exporting(
          needing(relay(TestBundle.of("acme.bridge", version), "clock", "bridge"), SERVICE, ONE),
          "acme.bridge",
          version);
    }
  }

  private void modules() throws IOException {
    write(needing(source(TestBundle.of("acme.source", "1.0.0"), "source"), SERVICE, ONE));
    write(needing(source(TestBundle.of("acme.source", "1.0.1"), "source"), SERVICE, ONE));
    write(needing(source(TestBundle.of("acme.source", "1.1.0"), "source"), SERVICE, ONE_ONE));
    write(needing(relay(TestBundle.of("acme.relay", "1.0.0"), "source", "relay"), SERVICE, ONE));
    write(needing(relay(TestBundle.of("acme.relay", "1.0.1"), "source", "relay"), SERVICE, ONE));
    write(
        needing(
            component(
                TestBundle.of("acme.relay", "1.1.0"), Relay.class, "relay", "source", "dynamic"),
            SERVICE,
            ONE));
    // Takes all there are, and is made anew for each that comes.
    write(
        needing(
            component(
                TestBundle.of("acme.relay", "1.2.0"),
                Relay.class,
                "relay",
                "source",
                "static\" cardinality=\"0..n\" policy-option=\"greedy"),
            SERVICE,
            ONE));
    for (String version : new String[] {"1.0.0", "1.0.1", "1.1.0"}) {
      String policy = version.equals("1.1.0") ? "dynamic" : "static";
      write(
          needing(
              component(
                  TestBundle.of("acme.follower", version), Follower.class, "", "relay", policy),
              SERVICE,
              ONE));
    }
    write(needing(watcher("1.0.0"), SERVICE, ONE));
    write(needing(watcher("1.1.0"), SERVICE, ONE_ONE));
    write(needing(TestBundle.of("acme.clockwork", "1.0.0"), "acme.clock", ONE));
    write(needing(TestBundle.of("acme.clockwork", "1.1.0"), "acme.clock", ONE_ONE));
    write(
        needing(
            component(TestBundle.of("acme.alarm", "1.0.0"), Follower.class, "", "clock", "static"),
            SERVICE,
            ONE,
            "acme.bridge",
            ONE));
    write(
        needing(
            component(
                TestBundle.of("acme.alarm", "1.1.0"), Follower.class, "", "bridge", "dynamic"),
            SERVICE,
            ONE));
    write(needing(TestBundle.of("acme.reader", "1.0.0"), "acme.lib", ONE));
    write(needing(TestBundle.of("acme.reader", "1.1.0"), "acme.lib", ONE_ONE));
    write(needing(TestBundle.of("acme.reader", "2.0.0"), "acme.lib", "[2,3)"));
    write(needing(TestBundle.of("acme.reader", "3.0.0"), "acme.missing", ONE));
    write(needing(TestBundle.of("acme.digger", "1.0.0"), "acme.deep", ONE));
    write(needing(TestBundle.of("acme.digger", "1.0.1"), "acme.deep", ONE, "acme.lib", ONE));
    write(needing(TestBundle.of("acme.digger", "1.1.0"), "acme.deep", ONE_ONE));
    for (String version : new String[] {"1.0.0", "1.0.1"}) {
      write(needing(source(singleton("acme.lone", version), "lone"), SERVICE, ONE));
    }
    write(needing(TestBundle.of("acme.soloist", "1.0.0"), "acme.single", "[1,1.1)"));
    write(needing(TestBundle.of("acme.soloist", "1.1.0"), "acme.single", ONE_ONE));
    write(needing(TestBundle.of("acme.duet", "1.0.0"), "acme.single", ONE));
    write(needing(TestBundle.of("acme.duet", "1.1.0"), "acme.single", "[1,1.1)"));
  }

  /** Two versions of a module that needs what all need, and offers something. */
  private void fleet() throws IOException {
    for (String version : new String[] {"1.0.0", "1.0.1"}) {
      write(
          needing(
              source(TestBundle.of("acme.truck", version), "truck").entry("release.txt", version),
              SERVICE,
              ONE,
              "acme.lib",
              ONE));
    }
  }

  private static TestBundle singleton(String symbolicName, String version) {
    return TestBundle.of(symbolicName, version)
        .header("Bundle-SymbolicName", symbolicName + ";singleton:=true");
  }

  private static TestBundle source(TestBundle bundle, String name) {
    return component(bundle, Source.class, name, "", "");
  }

  private static TestBundle relay(TestBundle bundle, String from, String name) {
    return component(bundle, Relay.class, name, from, "static");
  }

  private static TestBundle watcher(String version) {
    return TestBundle.of("acme.watcher", version).activator(Watcher.class);
  }

  /**
   * @param offers the service of this name; none when it is empty
   * @param uses the service of this name; none when it is empty
   */
  private static TestBundle component(
      TestBundle bundle, Class<?> type, String offers, String uses, String policy) {
    String service = "";
    if (!offers.isEmpty()) {
      service =
          "<property name=\"name\" value=\""
              + offers
              + "\"/><service><provide interface=\""
              + MEASURE
              + "\"/></service>";
    }
    String reference = "";
    if (!uses.isEmpty()) {
      reference =
          "<reference name=\"measure\" interface=\""
              + MEASURE
              + "\" bind=\"bind\" unbind=\"unbind\" policy=\""
              + policy
              + "\" target=\"(name="
              + uses
              + ")\"/>";
    }
    return bundle.component(type, "immediate=\"true\"", service + reference);
  }

  private static TestBundle needing(TestBundle bundle, String... packagesAndRanges) {
    StringBuilder imports =
        new StringBuilder("org.osgi.framework,org.osgi.util.tracker;resolution:=optional");
    for (int i = 0; i < packagesAndRanges.length; i += 2) {
      imports
          .append(',')
          .append(packagesAndRanges[i])
          .append(";version=\"")
          .append(packagesAndRanges[i + 1])
          .append('"');
    }
    return bundle.header("Import-Package", imports.toString());
  }

  private void exporting(TestBundle bundle, String name, String version) throws IOException {
    write(
        bundle
            .header("Export-Package", name + ";version=\"" + version + "\"")
            .entry(name.replace('.', '/') + "/version.txt", version));
  }

  private void write(TestBundle bundle) throws IOException {
    bundle.writeTo(folder);
  }
}
