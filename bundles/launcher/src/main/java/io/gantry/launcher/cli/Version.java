package io.gantry.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.jar.Manifest;

/** The version of this launcher, as its jar says. */
public final class Version {

  private Version() {}

  /** The version; {@code unknown} when the classes do not come from the jar. */
  public static String current() {
    URL self = Version.class.getResource("Version.class");
    String text = self == null ? "" : self.toString();
    if (!text.startsWith("jar:")) {
      return "unknown";
    }
    String manifest = text.substring(0, text.lastIndexOf('!') + 1) + "/META-INF/MANIFEST.MF";
    try (InputStream in = URI.create(manifest).toURL().openStream()) {
      String version = new Manifest(in).getMainAttributes().getValue("Bundle-Version");
      return version == null ? "unknown" : version;
    } catch (IOException e) {
      return "unknown";
    }
  }
}
