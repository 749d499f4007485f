package io.gantry.spi.module;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bundle a module is made of: {@code
 * [repository-address/]symbolic-name[:version-or-range][@sha256:digest]}. Without a version the
 * highest is taken.
 *
 * @param repository address of the repository to search; empty for all configured ones
 * @param symbolicName the bundle's symbolic name
 * @param version an OSGi version, which means exactly that one, or a range as {@code [1.0,2)}
 * @param digest SHA-256 of the jar in lower-case hex
 */
public record ImageReference(
    Optional<String> repository,
    String symbolicName,
    Optional<String> version,
    Optional<String> digest) {

  private static final Pattern FORM =
      Pattern.compile("(?:(.+)/)?([A-Za-z0-9_.-]+)(?::([^@/]+))?(?:@(.+))?", Pattern.DOTALL);
  private static final Pattern VERSION =
      Pattern.compile("\\d+(\\.\\d+(\\.\\d+(\\.[A-Za-z0-9_-]+)?)?)?");
  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-fA-F]{64})");

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException saying what was expected and what was found
   */
  public static ImageReference parse(String text) {
    RepositoryAddress.requireNoSecret("image", text.strip());
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "image '" + text + "': expected [repository/]symbolic-name[:version][@sha256:digest]");
    }
    String version = form.group(3);
    if (version != null && !isVersion(version) && !isRange(version)) {
      throw new IllegalArgumentException(
          "image '"
              + text
              + "': expected a version as 1.2.3, a range as [1.0,2), or none for the highest, found"
              + " '"
              + version
              + "'");
    }
    return new ImageReference(
        Optional.ofNullable(form.group(1)),
        form.group(2),
        Optional.ofNullable(version),
        Optional.ofNullable(form.group(4)).map(digest -> digest(text, digest)));
  }

  private static boolean isVersion(String text) {
    return VERSION.matcher(text).matches();
  }

  private static boolean isRange(String text) {
    if (text.length() < 5 || "[(".indexOf(text.charAt(0)) < 0) {
      return false;
    }
    String[] bounds = text.substring(1, text.length() - 1).split(",", -1);
    return "])".indexOf(text.charAt(text.length() - 1)) >= 0
        && bounds.length == 2
        && isVersion(bounds[0].strip())
        && isVersion(bounds[1].strip());
  }

  private static String digest(String text, String digest) {
    Matcher matcher = DIGEST.matcher(digest);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "image '" + text + "': expected @sha256: and 64 hex digits, found '@" + digest + "'");
    }
    return matcher.group(1).toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public String toString() {
    return repository.map(r -> r + "/").orElse("")
        + symbolicName
        + version.map(v -> ":" + v).orElse("")
        + digest.map(d -> "@sha256:" + d).orElse("");
  }
}
