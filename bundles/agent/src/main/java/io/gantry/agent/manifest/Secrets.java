package io.gantry.agent.manifest;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes out of a sentence what looks like a secret. What went wrong is told in the words of whoever
 * failed, a URL with a login or a header among them perhaps, and goes to logs, screens and the
 * cloud. A manifest has its secrets in known places and is masked there instead.
 */
public final class Secrets {

  /** What is shown in the place of a secret. */
  public static final String MASK = "***";

  private record Rule(Pattern pattern, String replacement) {}

  private static final String NAME =
      "(?:password|passwd|passphrase|pwd|secret|token|access_?key|api_?key)";
  private static final List<Rule> RULES =
      List.of(
          // https://user:password@host
          rule("([a-z][a-z0-9+.-]{0,30}://)[^\\s/?#\"'<>]{0,1000}@", "$1" + MASK + "@"),
          // headers of HTTP, and what stands in them
          rule(
              "(authorization\\s*[:=]\\s*)(basic|bearer|sharedaccesssignature)?\\s*\\S+",
              "$1" + MASK),
          rule("\\b(bearer|basic)\\s+(?=\\S*\\d)[a-z0-9._~+/=-]{8,}", "$1 " + MASK),
          rule("\\b(sharedaccesssignature)\\s+sr=\\S+", "$1 " + MASK),
          // connection strings and queries
          rule("(" + NAME + "|\\bsig)=(?:\"[^\"]*\"|'[^']*'|[^\\s,;&\"']+)", "$1=" + MASK),
          // JSON
          rule("(" + NAME + "\"\\s*:\\s*)\"[^\"]*\"", "$1\"" + MASK + "\""));

  private Secrets() {}

  private static Rule rule(String pattern, String replacement) {
    return new Rule(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), replacement);
  }

  /** The sentence without them. */
  public static String hide(String text) {
    String shown = text;
    for (Rule rule : RULES) {
      shown = rule.pattern().matcher(shown).replaceAll(rule.replacement());
    }
    return shown;
  }
}
