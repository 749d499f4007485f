package io.gantry.console.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.console.status.Gateway.WebAddress;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WebAddressFinderTest {

  @Test
  void theAddressIsWhatTheWebServerSays() {
    WebAddressFinder finder =
        new WebAddressFinder(
            () -> Optional.of(List.of("http://127.0.0.1:8080/")), "127.0.0.1", 8080);
    assertEquals(
        new WebAddress(
            Optional.of("http://127.0.0.1:8080/system/console/gantry"), Optional.empty()),
        finder.find());
  }

  @Test
  void aPortThatAnotherProgramHoldsIsNamed() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = other.getLocalPort();
      assertEquals(
          Optional.of("port " + port + " of 127.0.0.1 is in use; the Web Console is not there"),
          new WebAddressFinder(Optional::empty, "127.0.0.1", port).find().problem());
    }
  }

  /** It is asked again and again while the gateway starts, and the web server tries once. */
  @Test
  void lookingDoesNotKeepTheWebServerFromItsPort() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
      port = free.getLocalPort();
    }
    WebAddressFinder finder = new WebAddressFinder(Optional::empty, "127.0.0.1", port);
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> looking =
        CompletableFuture.runAsync(
            () -> {
              while (!done.get()) {
                finder.find();
              }
            });
    try {
      for (int start = 0; start < 1_000; start++) {
        new ServerSocket(port, 1, loopback).close();
      }
    } finally {
      done.set(true);
      looking.get();
    }
  }

  @Test
  void aWebServerThatMayStillComeIsNoProblem() {
    assertEquals(
        new WebAddress(Optional.empty(), Optional.empty()),
        new WebAddressFinder(Optional::empty, "127.0.0.1", 0).find());
  }
}
