package io.gantry.module.host.configuration;

import io.gantry.spi.module.ModuleSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Hands a module its settings through Configuration Admin, as targeted PIDs {@code
 * pid|symbolic-name|version|location} (OSGi Compendium 104.3.2) that are also bound to the bundle's
 * location. The location is unique to the module, so two modules made of one bundle never see each
 * other's settings.
 *
 * <p>The environment is always set, even when it is empty: Declarative Services stops at the first
 * PID of a component that has no configuration and would ignore those behind it.
 */
public final class ModuleConfigurations {

  private static final String OURS = "(service.bundleLocation=gantry:module/*)";

  private final ConfigurationAdmin admin;

  public ModuleConfigurations(ConfigurationAdmin admin) {
    this.admin = admin;
  }

  /** Sets all of a module's settings; to be called before its bundle starts. */
  public void set(ModuleSpec spec, Bundle bundle) throws IOException {
    set(ModuleSpec.ENVIRONMENT_PID, spec.environment(), bundle);
    for (Map.Entry<String, Map<String, Object>> entry : spec.configuration().entrySet()) {
      if (!entry.getKey().equals(ModuleSpec.ENVIRONMENT_PID)) {
        set(entry.getKey(), entry.getValue(), bundle);
      }
    }
  }

  /** {@code pid~name} is the instance {@code name} of the factory {@code pid} (104.6.1). */
  private void set(String pid, Map<String, ?> settings, Bundle bundle) throws IOException {
    String target =
        "|" + bundle.getSymbolicName() + "|" + bundle.getVersion() + "|" + bundle.getLocation();
    int tilde = pid.indexOf('~');
    Configuration configuration =
        tilde < 0
            ? admin.getConfiguration(pid + target, bundle.getLocation())
            : admin.getFactoryConfiguration(
                pid.substring(0, tilde) + target, pid.substring(tilde + 1), bundle.getLocation());
    configuration.update(dictionary(settings));
  }

  private static Dictionary<String, Object> dictionary(Map<String, ?> settings) {
    Dictionary<String, Object> dictionary = new Hashtable<>();
    settings.forEach(
        (key, value) ->
            dictionary.put(key, value instanceof List<?> list ? new ArrayList<>(list) : value));
    return dictionary;
  }

  /** Removes the settings of the module that is or was installed there. */
  public void remove(String location) throws IOException {
    delete("(service.bundleLocation=" + location + ")");
  }

  /** Removes the settings of all modules: leftovers of a former life. */
  public void removeAll() throws IOException {
    delete(OURS);
  }

  private void delete(String filter) throws IOException {
    try {
      Configuration[] found = admin.listConfigurations(filter);
      for (Configuration configuration : found == null ? new Configuration[0] : found) {
        configuration.delete();
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException("malformed filter " + filter, e);
    }
  }
}
