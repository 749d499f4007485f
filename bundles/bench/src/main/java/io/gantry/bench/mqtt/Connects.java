package io.gantry.bench.mqtt;

import io.gantry.bench.process.Account;
import io.gantry.bench.process.Broker;
import io.gantry.bench.process.Gateway;
import io.gantry.bench.process.GatewayFolder;
import io.gantry.bench.process.JavaRuntime;
import io.gantry.bench.process.JvmFigures;
import io.gantry.bench.process.Mosquitto;
import io.gantry.bench.process.ProcessFigures;
import io.gantry.bench.process.ServerCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How many devices a second connect by TLS 1.3 and log in, and what memory each takes when it is
 * silent: of Gantry, and of a Mosquitto with the same certificate, in turns. Client and broker
 * share the machine, and a handshake costs both of them about the same; the processor time of the
 * broker alone is what another machine can be judged by.
 */
public final class Connects {

  private static final double MILLIS = 1e6;
  private static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-12s %10s %9s %9s %12s %12s %10s %10s",
          "",
          "connects/s",
          "p50 ms",
          "p99 ms",
          "CPU ms each",
          "RSS kB each",
          "collected",
          "heap kB");

  private final int devices = Integer.getInteger("devices", 5000);
  private final int warmUp = Integer.getInteger("warmUp", 1000);
  private final int atOnce = Integer.getInteger("atOnce", 32);

  private Connects() {}

  /**
   * {@code -Drounds=3 -Ddevices=5000 -DwarmUp=1000 -DatOnce=32}, {@code -Dtargets}; with {@code
   * -Dhistogram=40} it prints so many lines of what the heap holds for them.
   */
  public static void main(String[] arguments) throws Exception {
    new Connects().run();
  }

  private void run() throws Exception {
    String targets = System.getProperty("targets", "mosquitto,gantry");
    Optional<Path> mosquitto = Mosquitto.program().filter(path -> targets.contains("mosquitto"));
    System.out.println(HEADER);
    try (ServerCertificate certificate = new ServerCertificate()) {
      for (int round = 0; round < Integer.getInteger("rounds", 3); round++) {
        if (mosquitto.isPresent()) {
          try (Mosquitto broker = Mosquitto.start(mosquitto.get(), certificate)) {
            measure("mosquitto", broker, broker.port(), certificate, Optional.empty());
          }
        }
        if (targets.contains("gantry")) {
          gateway(certificate);
        }
      }
    }
  }

  private void gateway(ServerCertificate certificate) throws Exception {
    try (GatewayFolder folder =
            GatewayFolder.of(GatewayFolder.home())
                .withRoutes(Map.of())
                .with(certificate)
                .withConnections(devices + warmUp);
        Gateway gateway = Gateway.start(folder, JavaRuntime.ofProperties())) {
      Optional<JvmFigures> jvm = Optional.of(new JvmFigures(gateway.process().pid()));
      measure("Gantry", gateway, gateway.tlsPort(), certificate, jvm);
    }
  }

  private void measure(
      String name, Broker broker, int port, ServerCertificate certificate, Optional<JvmFigures> jvm)
      throws IOException, InterruptedException {
    List<Account> accounts = broker.accounts("device", devices);
    try (TlsDevices first = new TlsDevices(port, certificate.certificate(), atOnce)) {
      first.connect(accounts.subList(0, Math.min(warmUp, devices)));
    }
    ProcessFigures process = broker.figures();
    long heap = heap(jvm);
    long resident = process.resident();
    Duration cpu = process.cpu();
    try (TlsDevices all = new TlsDevices(port, certificate.certificate(), atOnce)) {
      long begin = System.nanoTime();
      all.connect(accounts);
      double seconds = (System.nanoTime() - begin) / 1e9;
      Duration used = process.cpu().minus(cpu);
      long grown = process.resident() - resident;
      long alive = heap(jvm) - heap;
      long collected = process.resident() - resident;
      if (all.connected() < devices) {
        throw new IOException("only " + all.connected() + " are still connected");
      }
      System.out.printf(
          Locale.ROOT,
          "%-12s %,10.0f %9.1f %9.1f %12.2f %12.1f %10.1f %10.1f   (before %.0f MB)%n",
          name,
          devices / seconds,
          all.times().getValueAtPercentile(50) / MILLIS,
          all.times().getValueAtPercentile(99) / MILLIS,
          used.toNanos() / MILLIS / devices,
          grown / 1024.0 / devices,
          collected / 1024.0 / devices,
          alive / 1024.0 / devices,
          resident / 1e6);
      printHistogram(jvm);
    }
  }

  private static long heap(Optional<JvmFigures> jvm) throws IOException {
    if (jvm.isEmpty()) {
      return 0;
    }
    // Twice: what the first collection leaves to cleaners and references goes with the second.
    jvm.get().collect();
    jvm.get().collect();
    return jvm.get().heap();
  }

  private static void printHistogram(Optional<JvmFigures> jvm) throws IOException {
    int lines = Integer.getInteger("histogram", 0);
    if (jvm.isPresent() && lines > 0) {
      jvm.get().largest(lines).forEach(System.out::println);
    }
  }
}
