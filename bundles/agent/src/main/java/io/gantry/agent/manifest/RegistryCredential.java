package io.gantry.agent.manifest;

/**
 * How to log in at a repository.
 *
 * @param id key in the manifest, without meaning
 * @param address host that it is for
 * @param username user
 * @param password never leaves this record by {@link #toString}
 */
public record RegistryCredential(String id, String address, String username, String password) {

  @Override
  public String toString() {
    return "RegistryCredential[" + id + ", " + username + " at " + address + "]";
  }
}
