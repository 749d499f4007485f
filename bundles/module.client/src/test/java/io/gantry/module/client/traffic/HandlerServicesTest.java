package io.gantry.module.client.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.client.whiteboard.TestModules;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Handlers that are made when they are asked for. While a module's code is "in" its making, the
 * test lets all other threads go on and looks what they can do.
 */
class HandlerServicesTest {

  private static final ModuleLocation SLOW = new ModuleLocation("slow", 1);
  private static final ModuleLocation QUICK = new ModuleLocation("quick", 1);

  @TempDir Path folder;

  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final ManualThreads.ManualSerial owner = threads.serial("owner");
  private final List<String> had = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private TestModules modules;
  private HandlerServices services;

  @BeforeEach
  void start() throws Exception {
    modules = new TestModules(folder);
    services = new HandlerServices(modules.context(), threads, traffic, owner);
    traffic.add((module, done) -> owner.execute(done));
  }

  @AfterEach
  void stop() throws Exception {
    modules.close();
  }

  private ServiceReference<CharSequence> register(
      ModuleLocation module, Runnable making, Runnable unmaking) throws Exception {
    return modules
        .module(module.module(), module.generation())
        .getBundleContext()
        .registerService(
            CharSequence.class,
            new ServiceFactory<>() {
              @Override
              public CharSequence getService(
                  Bundle user, ServiceRegistration<CharSequence> registration) {
                making.run();
                events.add(module.module() + " made");
                return module.module();
              }

              @Override
              public void ungetService(
                  Bundle user,
                  ServiceRegistration<CharSequence> registration,
                  CharSequence service) {
                unmaking.run();
                events.add(module.module() + " unmade");
              }
            },
            new Hashtable<>())
        .getReference();
  }

  private void ask(ServiceReference<CharSequence> reference, ModuleLocation module) {
    owner.execute(
        () -> services.ask(reference, module, "The handler", text -> had.add(text.toString())));
  }

  private CompletableFuture<Optional<String>> meet(ModuleLocation module) {
    return traffic.meet(module).toCompletableFuture();
  }

  @Test
  void whileOneIsBeingMadeThoseOfOtherModulesAreHadAndItIsFoundToHang() throws Exception {
    traffic.listen(
        (generation, problem) -> events.add(generation.module() + ": " + problem.orElse("back")));
    ServiceReference<CharSequence> quick = register(QUICK, () -> {}, () -> {});
    ServiceReference<CharSequence> slow =
        register(
            SLOW,
            () -> {
              ask(quick, QUICK);
              CompletableFuture<Optional<String>> metQuick = meet(QUICK);
              CompletableFuture<Optional<String>> metSlow = meet(SLOW);
              for (int second = 0; second < 71; second++) {
                time.advance(Duration.ofSeconds(1));
                threads.runAll();
              }
              assertEquals(List.of("quick"), had);
              assertTrue(metQuick.isDone());
              assertFalse(metSlow.isDone());
            },
            () -> {});
    ask(slow, SLOW);
    threads.runAll();
    assertEquals(
        List.of(
            "quick made",
            "slow: The handler, which is still being made, has not come back for more than 60 s.",
            "slow made",
            "slow: back"),
        events);
    assertEquals(List.of("quick", "slow"), had);
    CompletableFuture<Optional<String>> met = meet(SLOW);
    threads.runAll();
    assertEquals(Optional.empty(), met.join());
  }

  @Test
  void oneThatLeavesWhileItIsMadeIsGivenBackAndNobodyHasIt() throws Exception {
    List<ServiceReference<CharSequence>> references = new ArrayList<>();
    references.add(
        register(
            SLOW,
            () -> {
              owner.execute(() -> services.leave(references.get(0)));
              threads.runAll();
            },
            () -> {}));
    ask(references.get(0), SLOW);
    threads.runAll();
    assertEquals(List.of("slow made", "slow unmade"), events);
    assertEquals(List.of(), had);
    assertFalse(services.knows(references.get(0)));
  }

  @Test
  void whileOneIsUnmadeThoseOfOtherModulesAreHad() throws Exception {
    ServiceReference<CharSequence> quick = register(QUICK, () -> {}, () -> {});
    ServiceReference<CharSequence> slow =
        register(
            SLOW,
            () -> {},
            () -> {
              ask(quick, QUICK);
              threads.runAll();
              assertEquals(List.of("slow", "quick"), had);
            });
    ask(slow, SLOW);
    threads.runAll();
    owner.execute(() -> services.leave(slow));
    threads.runAll();
    assertEquals(List.of("slow made", "quick made", "slow unmade"), events);
  }

  @Test
  void oneThatCannotBeMadeIsMissingUntilItLeaves() throws Exception {
    ServiceReference<CharSequence> broken =
        register(
            SLOW,
            () -> {
              throw new NoClassDefFoundError("acme/Missing");
            },
            () -> {});
    ask(broken, SLOW);
    CompletableFuture<Optional<String>> met = meet(SLOW);
    threads.runAll();
    assertEquals(
        Optional.of("The handler cannot be had: it could not be made, see the log of edgeHub"),
        met.join());
    assertFalse(services.knows(broken), "it may be asked for again");
    owner.execute(() -> services.leave(broken));
    CompletableFuture<Optional<String>> later = meet(SLOW);
    threads.runAll();
    assertEquals(Optional.empty(), later.join());
    assertEquals(List.of(), had);
  }
}
