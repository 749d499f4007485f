package io.gantry.security;

import io.gantry.security.vault.FolderVault;
import io.gantry.spi.security.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Offers the vault in the configured folder. */
@Component(
    configurationPid = "io.gantry.security",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    immediate = true)
public final class VaultComponent implements Vault {

  /** What an operator may set. */
  @interface Config {
    /** Where the key lies. */
    String directory();
  }

  private final FolderVault vault;

  @Activate
  public VaultComponent(Config config) throws IOException {
    vault = new FolderVault(Path.of(config.directory()));
  }

  @Override
  public byte[] seal(String purpose, byte[] content) {
    return vault.seal(purpose, content);
  }

  @Override
  public byte[] open(String purpose, byte[] sealed) throws GeneralSecurityException {
    return vault.open(purpose, sealed);
  }
}
