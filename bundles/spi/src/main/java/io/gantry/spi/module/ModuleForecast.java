package io.gantry.spi.module;

import java.util.List;
import java.util.Optional;

/**
 * What would become of a module specification, looked up and resolved with nothing downloaded and
 * nothing touched.
 *
 * @param spec what was asked for
 * @param version the bundle version that would be taken
 * @param prepared what preparing it would lead to; empty when the indexes do not tell all digests
 * @param downloads what the local cache lacks, in the order of fetching
 * @param manner how it would be put in place
 * @param reasons why in this manner; sentences, empty when there is nothing to say
 * @param disturbances which other modules would notice, if nothing else was changed with it
 */
public record ModuleForecast(
    ModuleSpec spec,
    String version,
    Optional<PreparedModule> prepared,
    List<Download> downloads,
    Manner manner,
    List<String> reasons,
    List<Disturbance> disturbances) {

  /** How a module is put in place. */
  public enum Manner {
    /** No module of this name is there. */
    INSTALL,
    /** The new one takes over from the old one while both run. */
    SWAP,
    /** The old one is stopped first. */
    REPLACE
  }

  /**
   * A bundle to download.
   *
   * @param symbolicName of the bundle
   * @param version of the bundle
   * @param repository address of the repository that has it
   * @param bytes its size; negative when the repository does not tell
   */
  public record Download(String symbolicName, String version, String repository, long bytes) {}

  /** What another module notices. */
  public enum Effect {
    /** Its bundle is stopped and started again. */
    RESTARTED,
    /** It goes on running, but a service that it uses is another one afterwards. */
    REBOUND
  }

  /**
   * Another module that would notice.
   *
   * @param module its name
   * @param effect what it notices
   * @param chain from that module to the cause: each link a bundle or service for a person
   */
  public record Disturbance(String module, Effect effect, List<String> chain) {
    public Disturbance {
      chain = List.copyOf(chain);
    }
  }

  public ModuleForecast {
    downloads = List.copyOf(downloads);
    reasons = List.copyOf(reasons);
    disturbances = List.copyOf(disturbances);
  }
}
