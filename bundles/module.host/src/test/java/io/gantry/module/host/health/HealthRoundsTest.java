package io.gantry.module.host.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.felix.hc.api.HealthCheck;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

class HealthRoundsTest {

  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private final HealthRounds rounds =
      new HealthRounds(
          new HealthChecks(),
          Duration.ofSeconds(10),
          time,
          threads.serial("owner"),
          threads.serial("examiner"));

  private static <T> T proxy(Class<T> type, Object answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> answer;
                }));
  }

  /** A bundle with a health check. */
  private static Bundle checked() {
    Object check = proxy(ServiceReference.class, new String[] {HealthCheck.class.getName()});
    return proxy(Bundle.class, new ServiceReference<?>[] {(ServiceReference<?>) check});
  }

  /** Of one round the target makes nothing; what comes of that must not be the end of all. */
  @Test
  void aRoundThatFailsIsFollowedByTheNext() {
    int[] told = {0};
    List<Bundle> patients = List.of(checked());
    HealthRounds.Target target =
        new HealthRounds.Target() {
          @Override
          public Collection<Bundle> patients() {
            return patients;
          }

          @Override
          public void examined(Map<Bundle, Verdict> verdicts) {
            told[0]++;
            if (told[0] == 1) {
              throw new NoClassDefFoundError("a class of who listens");
            }
          }
        };
    rounds.soon(target);
    threads.runAll();
    for (int round = 2; round < 5; round++) {
      time.advance(Duration.ofSeconds(10));
      threads.runAll();
      assertEquals(round, told[0]);
    }
  }
}
