package io.gantry.agent;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Manifests for tests. */
public final class Manifests {

  /** A route table that every hub takes. */
  public static final String HUB =
      "{\"schemaVersion\":\"1.1\",\"routes\":{\"up\":\"FROM /messages/* INTO $upstream\"},"
          + "\"storeAndForwardConfiguration\":{\"timeToLiveSecs\":7200}}";

  private Manifests() {}

  /** With these modules, each made by {@link #module}. */
  public static String of(String... modules) {
    return with(HUB, modules);
  }

  /** As {@link #of}, with this half for the hub. */
  public static String with(String hub, String... modules) {
    return "{\"modulesContent\":{\"$edgeAgent\":{\"properties.desired\":"
        + agent("1.1", modules)
        + "},\"$edgeHub\":{\"properties.desired\":"
        + hub
        + "}}}";
  }

  /** The desired properties of {@code $edgeAgent}. */
  public static String agent(String schemaVersion, String... modules) {
    return "{\"schemaVersion\":\""
        + schemaVersion
        + "\",\"runtime\":{\"type\":\"docker\",\"settings\":{\"minDockerVersion\":\"v1.25\"}},"
        + "\"systemModules\":{"
        + "\"edgeAgent\":{\"type\":\"docker\",\"settings\":{\"image\":"
        + "\"mcr.microsoft.com/azureiotedge-agent:1.5\",\"createOptions\":\"{}\"}},"
        + "\"edgeHub\":{\"type\":\"docker\",\"status\":\"running\",\"restartPolicy\":\"always\","
        + "\"settings\":{\"image\":\"mcr.microsoft.com/azureiotedge-hub:1.5\"}}},"
        + "\"modules\":{"
        + Arrays.stream(modules).collect(Collectors.joining(","))
        + "}}";
  }

  /** A running module of the image {@code test.<name>:<version>}; more are members in JSON. */
  public static String module(String name, String version, String... more) {
    return member(name, "test." + name + ":" + version, "running", more);
  }

  /** A module. */
  public static String member(String name, String image, String status, String... more) {
    return "\""
        + name
        + "\":{\"type\":\"bundle\",\"status\":\""
        + status
        + "\",\"settings\":{\"image\":\""
        + image
        + "\"}"
        + Arrays.stream(more).map(member -> "," + member).collect(Collectors.joining())
        + "}";
  }
}
