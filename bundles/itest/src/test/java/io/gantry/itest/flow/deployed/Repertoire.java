package io.gantry.itest.flow.deployed;

import aQute.bnd.osgi.repository.SimpleIndexer;
import io.gantry.itest.distribution.Folder;
import io.gantry.itest.flow.deployed.library.Library;
import io.gantry.testkit.module.TestBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * The modules that can be deployed, each in several versions: {@code alpha} lies in the local
 * repository, {@code beta} and {@code gamma} and the library that alpha and beta share in a remote
 * one. Two versions in a row need the same library, the next two a later one.
 */
public final class Repertoire {

  /** All modules. */
  public static final List<String> MODULES = List.of("alpha", "beta", "gamma");

  /** How many versions there are of each, numbered from 0. */
  public static final int VERSIONS = 6;

  /** The module of which two generations may not run at once. */
  public static final String EXCLUSIVE = "gamma";

  /** The number of a version that cannot start. */
  public static final int FAILING = 99;

  private static final String LOCAL = "alpha";
  private static final String ALONE = "gamma";
  private static final String PACKAGE = Library.class.getPackageName();
  private static final int FILLING = 48 << 10;

  private Repertoire() {}

  /** The image of a version. */
  public static String image(String module, int version) {
    return "com.acme." + module + ":" + version(version);
  }

  private static String version(int number) {
    return "1." + number + ".0";
  }

  private static String libraryVersion(int number) {
    return version(number / 2);
  }

  /** What a module of this version answers. */
  public static String state(String module, int version, String tag) {
    String library = module.equals(ALONE) ? StateModule.ALONE : libraryVersion(version);
    return StateModule.state(version(version), tag, library);
  }

  /** Whether deploying it needs the remote repository, if nothing is in the cache. */
  public static boolean isRemote(String module) {
    return !module.equals(LOCAL);
  }

  /** Makes all bundles and both indexes. */
  public static void make(Path local, Path remote) {
    try {
      for (int number = 0; number < VERSIONS; number++) {
        for (String module : MODULES) {
          module(module, number).writeTo(isRemote(module) ? remote : local);
        }
        filled("com.acme.library", libraryVersion(number))
            .header("Import-Package", "org.osgi.framework")
            .header("Export-Package", PACKAGE + ";version=\"" + libraryVersion(number) + "\"")
            .type(Library.class)
            .writeTo(remote);
      }
      for (String module : MODULES) {
        filled("com.acme." + module, version(FAILING))
            .header("Import-Package", "org.osgi.framework")
            .activator(FailingModule.class)
            .writeTo(isRemote(module) ? remote : local);
      }
      index(local);
      index(remote);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestBundle module(String name, int number) {
    String imports = "io.gantry.api.module,org.osgi.framework";
    TestBundle bundle = filled("com.acme." + name, version(number)).type(StateModule.class);
    boolean shares = !name.equals(ALONE);
    String library = libraryVersion(number);
    return bundle
        .header(
            "Import-Package",
            shares
                ? imports + "," + PACKAGE + ";version=\"[" + library + "," + library + "]\""
                : imports)
        .component(
            shares ? SharingModule.class : StateModule.class,
            "immediate=\"true\" init=\"1\" configuration-pid=\"io.gantry.module\"",
            "<service><provide interface=\"io.gantry.api.module.MethodHandler\"/></service>");
  }

  /** A download that takes its time, since it cannot be packed. */
  private static TestBundle filled(String symbolicName, String version) {
    byte[] filling = new byte[FILLING];
    new Random((symbolicName + version).hashCode()).nextBytes(filling);
    return TestBundle.of(symbolicName, version)
        .entry("filling", Base64.getEncoder().encodeToString(filling));
  }

  private static void index(Path folder) throws IOException {
    SimpleIndexer indexer = new SimpleIndexer();
    indexer.files(Folder.jars(folder).stream().map(Path::toFile).toList());
    indexer.base(folder.toUri());
    indexer.name("plant");
    indexer.index(folder.resolve("index.xml").toFile());
  }
}
