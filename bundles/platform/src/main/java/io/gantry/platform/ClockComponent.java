package io.gantry.platform;

import io.gantry.platform.time.SystemTime;
import java.time.Instant;
import java.time.InstantSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Offers the machine's clock. */
@Component
public final class ClockComponent implements InstantSource {

  private final SystemTime clock = new SystemTime();

  @Activate
  public ClockComponent() {}

  @Override
  public Instant instant() {
    return clock.instant();
  }

  @Override
  public long millis() {
    return clock.millis();
  }
}
