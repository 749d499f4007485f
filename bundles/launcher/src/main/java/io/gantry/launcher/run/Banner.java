package io.gantry.launcher.run;

import io.gantry.launcher.cli.ReadyReport;
import io.gantry.launcher.cli.Version;
import java.net.URI;
import java.nio.file.Path;

/** The first words to the person at the terminal: what listens where, and what to try next. */
final class Banner {

  private Banner() {}

  static String of(ReadyReport report, Path data) {
    StringBuilder text = new StringBuilder("Gantry " + Version.current());
    text.append(report.ready() ? " is ready\n" : " runs, but is not ready yet\n");
    report.endpoints().forEach((name, url) -> line(text, name, url));
    line(text, "data", data.toString());
    report.waiting().forEach(waiting -> line(text, "waiting", waiting));
    report.problems().forEach(problem -> line(text, "problem", problem));
    report.warnings().forEach(warning -> line(text, "warning", warning));
    text.append('\n');
    if (report.endpoint("console").isPresent()) {
      text.append("'gantry console' shows the password of the console.\n");
    }
    report.endpoint("mqtt").ifPresent(url -> text.append(firstMessage(URI.create(url))));
    return text.append("'gantry stop' or Ctrl-C stops.\n").toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(" ".repeat(Math.max(1, 10 - name.length())));
    text.append(value).append('\n');
  }

  private static String firstMessage(URI mqtt) {
    return "Send a first message:\n  gantry identity create thermo1\n  mosquitto_pub -h "
        + mqtt.getHost()
        + " -p "
        + mqtt.getPort()
        + " -i thermo1 -q 1 \\\n    -u thermo1 -P \"$(gantry identity token thermo1)\" \\\n"
        + "    -t 'devices/thermo1/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8' \\\n"
        + "    -m '{\"temperature\":30}'\n";
  }
}
