package io.gantry.mqtt.topic;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which identity may do what on free topics: rules that only permit. Each has the form {@code who
 * verb filter}. {@code who} is a device, {@code *} for every device, {@code device/module}, {@code
 * device/*}, or {@code *}{@code /*} for every module. {@code verb} is {@code publish}, {@code
 * subscribe} or {@code use} for both. In the filter (MQTT 3.1.1, section 4.7) <code>{deviceid}
 * </code> and <code>{moduleid}</code> stand for those of the client. Immutable.
 */
public final class TopicRights {

  /** What counts where an operator says nothing. */
  public static final List<String> DEFAULT =
      List.of(
          "* use {deviceid}/#",
          "*/* use {deviceid}/{moduleid}/#",
          "* subscribe public/#",
          "*/* subscribe public/#");

  private static final Pattern RULE =
      Pattern.compile("\\s*(\\S+)\\s+(publish|subscribe|use)\\s+(\\S+)\\s*");
  private static final String ANY = "*";
  private static final String DEVICE = "{deviceid}";
  private static final String MODULE = "{moduleid}";

  private record Rule(
      String device, Optional<String> module, boolean publish, boolean subscribe, String filter) {

    boolean isFor(Identity identity) {
      Optional<String> own =
          identity instanceof ModuleIdentity of ? Optional.of(of.moduleId()) : Optional.empty();
      return module.isPresent() == own.isPresent()
          && isOne(device, identity.deviceId())
          && (own.isEmpty() || isOne(module.orElse(ANY), own.get()));
    }

    private static boolean isOne(String rule, String id) {
      return rule.equals(ANY) || rule.equals(id);
    }

    /** The filter for a client; empty when an id of it would widen the filter. */
    Optional<String> filterFor(Identity identity) {
      String module = identity instanceof ModuleIdentity of ? of.moduleId() : "";
      boolean unfit =
          filter.contains(DEVICE) && isWild(identity.deviceId())
              || filter.contains(MODULE) && isWild(module);
      return unfit
          ? Optional.empty()
          : Optional.of(filter.replace(DEVICE, identity.deviceId()).replace(MODULE, module));
    }

    /** A device may be called {@code +} or {@code #}. */
    private static boolean isWild(String id) {
      return id.isEmpty() || id.indexOf('+') >= 0 || id.indexOf('#') >= 0;
    }
  }

  private final List<Rule> rules;

  private TopicRights(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads rules.
   *
   * @throws IllegalArgumentException naming the rule and what is wrong with it
   */
  public static TopicRights of(List<String> texts) {
    List<Rule> rules = new ArrayList<>();
    for (String text : texts) {
      rules.add(rule(text));
    }
    return new TopicRights(rules);
  }

  private static Rule rule(String text) {
    Matcher form = RULE.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "topic rule '"
              + text
              + "': expected 'who publish|subscribe|use filter', for example 'press1 use plant/#'");
    }
    String[] who = form.group(1).split("/", -1);
    String filter = form.group(3);
    if (who.length > 2 || who[0].isEmpty() || who[who.length - 1].isEmpty()) {
      throw new IllegalArgumentException(
          "topic rule '" + text + "': expected device, device/module or * for one of them");
    }
    if (!TopicRules.isFilter(filter) || !(HubTopic.ofFilter(filter) instanceof HubTopic.Free)) {
      throw new IllegalArgumentException(
          "topic rule '" + text + "': expected a filter of free topics, found '" + filter + "'");
    }
    boolean module = who.length == 2;
    if (filter.contains(MODULE) && !module) {
      throw new IllegalArgumentException(
          "topic rule '"
              + text
              + "': expected {moduleid} in a rule of modules only, such as '*/*'");
    }
    String verb = form.group(2);
    return new Rule(
        who[0],
        module ? Optional.of(who[1]) : Optional.empty(),
        !verb.equals("subscribe"),
        !verb.equals("publish"),
        filter);
  }

  /** What one client may do: asked once at its login. */
  public ClientRights of(Identity identity) {
    List<TopicFilter> publish = new ArrayList<>();
    List<String> subscribe = new ArrayList<>();
    for (Rule rule : rules) {
      Optional<String> filter = rule.isFor(identity) ? rule.filterFor(identity) : Optional.empty();
      filter.filter(ignored -> rule.publish()).map(TopicFilter::new).ifPresent(publish::add);
      filter.filter(ignored -> rule.subscribe()).ifPresent(subscribe::add);
    }
    return new ClientRights(publish, subscribe);
  }
}
