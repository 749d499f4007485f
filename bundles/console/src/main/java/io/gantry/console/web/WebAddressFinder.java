package io.gantry.console.web;

import io.gantry.console.status.Gateway.WebAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds out where the Web Console is. The web server only logs that it cannot listen; an operator
 * should read it in the status, so when it is not there we try the port it was told to take.
 */
public final class WebAddressFinder {

  private static final String PATH = "system/console/" + StatusPage.LABEL;

  private final Supplier<Optional<List<String>>> endpoints;
  private final String host;
  private final int port;

  /**
   * @param endpoints the addresses of the web server; empty while there is none
   * @param host where it was told to listen
   * @param port where it was told to listen; 0 for any
   */
  public WebAddressFinder(Supplier<Optional<List<String>>> endpoints, String host, int port) {
    this.endpoints = endpoints;
    this.host = host;
    this.port = port;
  }

  /** Where it is now. */
  public WebAddress find() {
    Optional<String> url =
        endpoints.get().flatMap(list -> list.stream().findFirst()).map(WebAddressFinder::page);
    return new WebAddress(url, url.isPresent() ? Optional.empty() : problem());
  }

  private static String page(String endpoint) {
    return endpoint + (endpoint.endsWith("/") ? "" : "/") + PATH;
  }

  private Optional<String> problem() {
    // It does not listen: whoever wants to at this moment, the web server above all, can.
    try (Socket probe = new Socket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return Optional.empty();
    } catch (BindException e) {
      return Optional.of(
          "port " + port + " of " + host + " is in use; the Web Console is not there");
    } catch (IOException e) {
      return Optional.of("cannot listen on " + host + ":" + port + ": " + e.getMessage());
    }
  }
}
