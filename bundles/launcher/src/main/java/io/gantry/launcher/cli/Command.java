package io.gantry.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The commands, each with what it accepts and the text that explains it. */
public enum Command {
  /** Starts the gateway. */
  RUN(
      "start the gateway and stay in the foreground",
      """
      Starts the gateway on one data folder and stays until it is stopped (Ctrl-C, SIGTERM or
      'gantry stop'). At the first start the sample deployment of the conf folder is used; from then
      on the last good deployment. On a terminal one line is printed for each message that reaches
      $upstream.
      """,
      Action.only(
          "",
          new Option("--conf", "DIR", "configuration folder (default: $GANTRY_CONF, or conf)"),
          new Option("--follow", "", "print messages even if stdout is not a terminal"))),

  /** What runs. */
  STATUS(
      "what runs, where it listens, what waits",
      """
      Shows the endpoints, the modules, the routes with the messages that wait, what was dropped and
      why, the store, and every problem.
      """,
      Action.only("", Option.JSON)),

  /** What monitoring reads. */
  METRICS(
      "the figures that monitoring reads",
      """
      Prints them in the text format of Prometheus, as http://127.0.0.1:PORT/metrics does.
      """,
      Action.only("")),

  /** The modules. */
  LIST(
      "the modules and how they are",
      "Shows one line for each module.\n",
      Action.only("", Option.JSON)),

  /** What reached {@code $upstream}. */
  EVENTS(
      "the messages that reached $upstream",
      """
      Prints the messages that reached $upstream and are still kept, the oldest first: sequence
      number, time, sender, properties, body.
      """,
      Action.only(
          "",
          new Option("--follow", "", "go on with new messages until stopped (or -f)"),
          new Option("--from", "N", "begin with sequence number N"),
          new Option("--last", "N", "begin N messages before the newest"),
          new Option("--limit", "N", "stop after N messages"),
          new Option("--json", "", "one JSON object a line"))),

  /** What modules have logged. */
  LOGS(
      "what a module has logged",
      """
      Prints what a module has logged and what is still kept, the oldest first: time, level, text.
      The runtime itself is edgeAgent, its hub edgeHub. A TIME is a span back from now, such as
      90min, 2h or 1d12h, or a date and time, such as 2026-03-01T08:00 or 2026-03-01T08:00:00Z.
      """,
      Action.only(
          "MODULE",
          new Option("--follow", "", "go on with new lines until stopped (or -f)"),
          new Option("--tail", "N", "only the last N lines"),
          new Option("--since", "TIME", "only lines of that time or later"),
          new Option("--until", "TIME", "only lines before that time"),
          new Option("--level", "error|warn|info|debug", "only lines so severe, or more"),
          new Option("--json", "", "one JSON object a line"))),

  /** A deployment manifest. */
  DEPLOY(
      "make a deployment manifest the desired state",
      """
      Checks the manifest in FILE (- for standard input) and makes the gateway equal to it. A
      manifest that is refused changes nothing. While it waits it tells on standard error how far
      the modules are; ended meanwhile (Ctrl-C), it leaves the deployment to go on: see cancel. Ends
      with 0 only when every step succeeded.
      With --dry-run nothing is changed and no bundle downloaded: it tells what would be, which
      other modules would notice, and what cannot be met. Ends with 0 when it could be made.
      """,
      Action.only("FILE", new Option("--dry-run", "", "only tell what it would do"), Option.JSON)),

  /** The one before. */
  UNDO(
      "go back to the deployment before the present one",
      """
      Makes the deployment that was in force before the present one the desired state again, with the
      very bundles that it had: they are still there, no network is needed. Ends with 0 only when
      every step succeeded.
      """,
      Action.only("", Option.JSON)),

  /** No further. */
  CANCEL(
      "give up the deployment that is under way",
      """
      Gives up a deployment that is still being prepared, or whose steps hang: the one before stays
      or comes back. Ends with 1 when there is none under way.
      """,
      Action.only("", Option.JSON)),

  /** The deployments. */
  HISTORY(
      "the deployments that were made or tried",
      """
      Shows one line for each deployment that is remembered, the newest first: its number, what
      became of it, why it was made and when, and its modules or what went wrong.
      """,
      Action.only("", Option.JSON)),

  /** Once more. */
  RESTART(
      "stop a module and start it again",
      """
      Stops a module that shall run and starts it at once. What comes in for it waits meanwhile. This
      does not count as a restart of its restart policy.
      """,
      Action.only("MODULE", Option.JSON)),

  /** Where modules come from. */
  REPOSITORY(
      "where modules come from: add, remove or list repositories, index a folder",
      """
      A repository is a path or URL: of an index, of a folder that holds one, or of a local folder of
      jars. 'add' adds one to those in the configuration, also for the next start; with --signed only
      jars are taken that somebody has signed whom the trust store knows. 'list' reads them and tells
      how they are. 'gc' deletes from the cache what neither the present nor the former deployment
      needs. 'index' writes an index.xml into a folder of jars and needs no running instance.
      """,
      Action.of(
          "add ADDRESS", new Option("--signed", "", "take only signed jars from it"), Option.JSON),
      Action.of("remove ADDRESS", Option.JSON),
      Action.of("list", Option.JSON),
      Action.of("gc", Option.JSON),
      Action.of("index FOLDER", new Option("--gzip", "", "write an index.xml.gz, too"))),

  /** What a manifest may say. */
  SCHEMA(
      "the JSON Schema of deployment manifests",
      """
      Prints a JSON Schema by which an editor can check and complete a manifest; needs no running
      instance.
      """,
      Action.only("")),

  /** What routes do. */
  ROUTE(
      "why a route fires for a message, or does not",
      """
      'gantry route explain --route NAME --message FILE' says which terms of the route's condition
      decided, and what they met in the message. FILE (- for standard input) is a line of
      'gantry events --json', or an object with "properties", "systemProperties", "body" and, if it
      does not follow from those, "source". With --last N instead of --message, it says the same of
      the last N messages that passed, the newest first.
      """,
      Action.of(
          "explain",
          new Option("--route", "NAME", "the route, as the manifest calls it").must(),
          new Option("--message", "FILE", "the message"),
          new Option("--last", "N", "the last messages, 1 to 64 of them"),
          Option.JSON)),

  /** What waits. */
  QUEUE(
      "forget what waits for an endpoint",
      """
      'gantry queue purge --address ADDRESS' forgets all messages that wait for an endpoint, also for
      one that no route names any more. 'gantry status' lists the addresses.
      """,
      Action.of(
          "purge",
          new Option("--address", "ADDRESS", "the endpoint, for example modules/filter/inputs/in1")
              .must(),
          Option.JSON)),

  /** What could not be delivered. */
  DEADLETTER(
      "messages that no receiver would take: list, replay or purge them",
      """
      A message that a module rejects, or refuses ten times, is a dead letter. 'list' prints them,
      the oldest first; 'replay' puts them back into the queues that they came from; 'purge' forgets
      them. Without --sequence, all of them.
      """,
      Action.of("list", new Option("--sequence", "N", "begin with this one"), Option.JSON),
      Action.of("replay", new Option("--sequence", "N", "only this one"), Option.JSON),
      Action.of("purge", new Option("--sequence", "N", "only those up to this one"), Option.JSON)),

  /** Who may connect. */
  IDENTITY(
      "devices and modules that may connect: create, list, show, delete, ...",
      """
      A device or module proves who it is by tokens signed with one of two keys (sas), by a
      certificate of a known thumbprint (x509-thumbprint), or by a certificate of an authority that
      the gateway trusts with the device id as its name (x509-authority). 'create' without keys makes
      two random ones. A module needs its device first; modules of the deployment are there by
      themselves. 'disable' ends the connections of an identity and lets it in no more. 'token' prints
      a SAS token signed with the primary key, for clients that are no SDK.
      Keys are printed only with --keys or --connection-string. What stands on a command line is
      visible to other users of this machine, so a key K is better given as @FILE, or as - for
      standard input (one line for each key).
      """,
      Action.of(
          "create DEVICE[/MODULE]",
          new Option("--auth", "sas|x509-thumbprint|x509-authority", "default: sas"),
          new Option("--primary-key", "K", "16 to 64 bytes in Base64; both keys or none"),
          new Option("--secondary-key", "K", "the other key"),
          new Option("--primary-thumbprint", "T", "SHA-1 or SHA-256, as openssl prints it"),
          new Option("--secondary-thumbprint", "T", "of the certificate that follows"),
          Option.KEYS,
          Option.CONNECTION_STRING,
          Option.JSON),
      Action.of("list", Option.JSON),
      Action.of("show DEVICE[/MODULE]", Option.KEYS, Option.CONNECTION_STRING, Option.JSON),
      Action.of("delete DEVICE[/MODULE]", Option.JSON),
      Action.of("enable DEVICE[/MODULE]", Option.JSON),
      Action.of("disable DEVICE[/MODULE]", Option.JSON),
      Action.of(
          "regenerate-key DEVICE[/MODULE]",
          new Option("--key", "primary|secondary", "which one").must(),
          Option.KEYS,
          Option.CONNECTION_STRING,
          Option.JSON),
      Action.of(
          "token DEVICE[/MODULE]",
          new Option("--ttl", "SECONDS", "how long it is good (default: 3600)"),
          Option.JSON)),

  /** What the gateway shows to clients. */
  CERTIFICATE(
      "the certificate of this gateway: show, export its authority, renew",
      """
      'show' tells names, issuers, validity and SHA-256 fingerprints. 'export-ca' prints the
      certificate of the authority, which clients have to trust, in PEM. 'renew' makes a new server
      certificate, or reads that of the operator again; connections that are open stay.
      """,
      Action.of("show", Option.JSON),
      Action.of(
          "export-ca", new Option("--out", "FILE", "write it into FILE instead"), Option.JSON),
      Action.of("renew", Option.JSON)),

  /** Desired and reported properties. */
  TWIN(
      "the twin of a device or module: show it, change desired properties",
      """
      'update' merges a JSON object into the desired properties: objects merge, null removes,
      everything else replaces. Both print the twin.
      """,
      Action.of("show DEVICE[/MODULE]", Option.JSON),
      Action.of(
          "update DEVICE[/MODULE]",
          new Option("--desired", "JSON|@FILE|-", "the change; - is standard input").must(),
          Option.JSON)),

  /** Direct methods. */
  METHOD(
      "call a direct method of a device or module",
      """
      Prints the status and the payload of the answer. Ends with 0 when the status is 200 to 299, and
      with 1 when it is another one or no answer came.
      """,
      Action.of(
          "invoke DEVICE[/MODULE] NAME",
          new Option("--payload", "JSON|@FILE|-", "what to send along (default: null)"),
          new Option("--timeout", "S", "seconds to wait for the answer, 5 to 300 (default: 30)"),
          new Option(
              "--connect-timeout",
              "S",
              "seconds to wait for a target that is away, 0 to 300 (default: 0)"),
          Option.JSON)),

  /** Cloud-to-device messages. */
  C2D(
      "send a cloud-to-device message",
      """
      The message waits until the device takes it, or until it expires. A TEXT that begins with @, or
      is -, comes by standard input.
      """,
      Action.of(
          "send DEVICE",
          new Option("--body", "TEXT|@FILE|-", "the body; - is standard input").must(),
          new Option("--property", "NAME=VALUE", "an application property; may be repeated"),
          new Option("--expiry", "SECONDS", "how long it may wait (default: 3600)"),
          new Option("--message-id", "ID", "what the device gets as message id"),
          Option.JSON)),

  /** The end. */
  STOP(
      "stop the running gateway",
      "Stops the gateway in order and waits until its process is gone (at most 60 s).\n",
      Action.only("")),

  /** The Web Console. */
  CONSOLE(
      "address, user and password of the Web Console", "Shows how to log in.\n", Action.only("")),

  /** Which Gantry. */
  VERSION(
      "version of Gantry and of Java",
      "Shows versions; needs no running instance.\n",
      Action.only("")),

  /** These texts. */
  HELP("this text, or that of one command", "Explains a command.\n", Action.only("[COMMAND]"));

  private final String summary;
  private final String text;
  private final List<Action> actions;

  Command(String summary, String text, Action... actions) {
    this.summary = summary;
    this.text = text;
    this.actions = List.of(actions);
  }

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The command of this word. */
  static Optional<Command> of(String word) {
    for (Command command : values()) {
      if (command.word().equals(word)) {
        return Optional.of(command);
      }
    }
    return Optional.empty();
  }

  /** What it does: one thing without a word of its own, or several with theirs. */
  List<Action> actions() {
    return actions;
  }

  /** What one of its actions accepts, the common options last. */
  List<Option> options(Action action) {
    List<Option> all = new ArrayList<>(action.options());
    if (this != VERSION && this != HELP && this != SCHEMA) {
      all.add(Option.DATA);
    }
    all.add(Option.HELP);
    return all;
  }

  /** One line for the overview. */
  String summary() {
    return summary;
  }

  /** The usage text. */
  String usage() {
    StringBuilder usage = new StringBuilder();
    for (Action action : actions) {
      usage.append(usage.isEmpty() ? "Usage: gantry " : "       gantry ");
      usage.append(word()).append(' ').append(action.form()).append('\n');
    }
    usage.append('\n').append(text);
    List<Option> shared = new ArrayList<>(options(actions.get(0)));
    actions.forEach(action -> shared.retainAll(options(action)));
    for (Action action : actions) {
      List<Option> own = new ArrayList<>(action.options());
      own.removeAll(shared);
      if (!own.isEmpty()) {
        usage.append("\nOptions of ").append(action.word()).append(":\n").append(lines(own));
      }
    }
    return usage.append("\nOptions:\n").append(lines(shared)).toString();
  }

  private static String lines(List<Option> options) {
    int width = options.stream().mapToInt(option -> option.form().length() + 2).max().orElse(0);
    StringBuilder lines = new StringBuilder();
    for (Option option : options) {
      lines.append("  ").append(padded(option.form(), Math.max(14, width)));
      lines.append(option.text()).append('\n');
    }
    return lines.toString();
  }

  /** The overview of all commands. */
  static String overview() {
    StringBuilder text =
        new StringBuilder(
            """
            gantry: an edge runtime for industrial gateways

            Usage: gantry COMMAND [options]

            Commands:
            """);
    for (Command command : values()) {
      text.append("  ").append(padded(command.word(), 13)).append(command.summary()).append('\n');
    }
    return text.append(
            """

            'gantry COMMAND --help' explains a command and its options.
            The data folder is --data, or $GANTRY_DATA, or the folder data of the installation.
            Exit codes: 0 done, 1 refused or failed (stderr says why), 2 wrong usage,
            3 no running instance.
            """)
        .toString();
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }
}
