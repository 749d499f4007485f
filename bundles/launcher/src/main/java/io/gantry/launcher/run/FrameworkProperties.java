package io.gantry.launcher.run;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.osgi.framework.Constants;

/**
 * What the framework is started with. Everything else is configuration and stands in {@code
 * conf/gantry.json}; here is only what must hold before that file is read.
 */
final class FrameworkProperties {

  private FrameworkProperties() {}

  static Map<String, String> of(Path home, Path data, Path conf, int startLevel)
      throws IOException {
    Map<String, String> properties = new HashMap<>();
    properties.put("gantry.home", home.toString());
    properties.put("gantry.data", data.toString());
    properties.put("gantry.conf", conf.toString());

    // State lives in the store: the framework begins empty (decision record 0005).
    properties.put(Constants.FRAMEWORK_STORAGE, data.resolve("felix").toString());
    properties.put(
        Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    // Two generations of one module may be installed side by side.
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(startLevel));
    // Standard output belongs to the person at the terminal; framework events go to the log.
    properties.put("felix.log.level", "0");

    properties.put("configurator.initial", url(conf.resolve("gantry.json")));
    properties.put("felix.cm.dir", data.resolve("felix").resolve("config").toString());
    // No configuration is handed out before the plug-in that replaces $[prop:...] is there.
    properties.put("felix.cm.config.plugins", "org.apache.felix.configadmin.plugin.interpolation");

    // No login with the console's default password while our own login is not there yet, and no
    // web server on all addresses while its configuration is not there yet.
    properties.put("felix.webconsole.security.providers", "io.gantry.console");
    properties.put("org.apache.felix.http.require.config", "true");
    properties.put("org.apache.felix.http.host", "127.0.0.1");

    properties.put("org.ops4j.pax.logging.StaticLogbackFile", conf.resolve("logback.xml") + "");
    properties.put("org.ops4j.pax.logging.DefaultServiceLog.level", "ERROR");
    properties.putAll(own(conf.resolve("framework.properties")));
    return properties;
  }

  /** A list of URLs is split at commas, so a comma in a path must not be one. */
  private static String url(Path file) {
    return file.toUri().toASCIIString().replace(",", "%2C");
  }

  /** What the owner of the gateway sets beyond that; the file need not exist. */
  private static Map<String, String> own(Path file) throws IOException {
    Map<String, String> own = new HashMap<>();
    if (Files.exists(file)) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
      for (String name : properties.stringPropertyNames()) {
        own.put(name, properties.getProperty(name));
      }
    }
    return own;
  }
}
