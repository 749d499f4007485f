package io.gantry.console;

import io.gantry.console.file.KeptSecret;
import io.gantry.console.web.Login;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.felix.webconsole.spi.SecurityProvider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/**
 * The login of the Web Console. The framework property {@code felix.webconsole.security.providers}
 * names it, so that the console is not there at all before this component is.
 */
@Component(
    service = SecurityProvider.class,
    immediate = true,
    property = SecurityProvider.PROPERTY_ID + "=" + ConsoleConfig.PID,
    configurationPid = ConsoleConfig.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class LoginComponent extends Login {

  /** Made by Declarative Services. */
  @Activate
  public LoginComponent(ConsoleConfig config) throws IOException {
    super(KeptSecret.readOrCreate(Path.of(config.password()), "password of the Web Console"));
  }
}
