package io.gantry.sample.sensor;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * A machine that warms up: its temperature drifts from 21 to 100 degrees and stays there, its
 * pressure follows, the room around it hardly changes. Used by one thread.
 */
final class Simulation {

  private final Random random;
  private final double temperatureMin;
  private final double temperatureMax;
  private final double pressureMin;
  private final double pressureMax;
  private final double ambient;
  private double temperature;

  Simulation(Map<String, Object> settings, Random random) {
    this.random = random;
    temperatureMin = number(settings, "machineTempMin", 21);
    temperatureMax = number(settings, "machineTempMax", 100);
    pressureMin = number(settings, "machinePressureMin", 1);
    pressureMax = number(settings, "machinePressureMax", 10);
    ambient = number(settings, "ambientTemp", 21);
    temperature = temperatureMin;
  }

  private static double number(Map<String, Object> settings, String key, double byDefault) {
    return Double.parseDouble(settings.getOrDefault(key, byDefault).toString());
  }

  /** The machine is cold again. */
  void reset() {
    temperature = temperatureMin;
  }

  /** The next reading, as JSON. */
  String next(Instant now) {
    double step = random.nextDouble();
    temperature += temperature > temperatureMax ? step - 0.5 : 1.5 * step - 0.25;
    double slope = (pressureMax - pressureMin) / (temperatureMax - temperatureMin);
    return String.format(
        Locale.ROOT,
        "{\"machine\":{\"temperature\":%.6f,\"pressure\":%.6f},"
            + "\"ambient\":{\"temperature\":%.6f,\"humidity\":%d},\"timeCreated\":\"%s\"}",
        temperature,
        pressureMin + (temperature - temperatureMin) * slope,
        ambient - 0.5 + random.nextDouble(),
        24 + random.nextInt(4),
        now);
  }
}
