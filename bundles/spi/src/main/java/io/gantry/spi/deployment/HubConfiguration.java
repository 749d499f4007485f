package io.gantry.spi.deployment;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** The hub's half of a deployment: the desired properties of {@code $edgeHub}. Any thread. */
@ProviderType
public interface HubConfiguration {

  /**
   * Checks the desired properties without using them.
   *
   * @param desired JSON object of {@code $edgeHub}'s desired properties
   * @return sentences for a person, each with the path of the offending value; empty when good
   */
  List<String> check(String desired);

  /**
   * What is good and has no effect, or another one than its author may expect.
   *
   * @param desired as for {@link #check}, which must have found nothing
   * @return sentences for a person, each with the path of the value
   */
  List<String> warnings(String desired);

  /**
   * Checks, stores and uses the desired properties. Completes when they are durable and in force;
   * fails with {@link IllegalArgumentException} when {@link #check} finds errors, then the old ones
   * stay in force.
   */
  CompletionStage<Void> apply(String desired);
}
