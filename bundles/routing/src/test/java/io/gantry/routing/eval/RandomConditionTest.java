package io.gantry.routing.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.routing.eval.Naive.Nothing;
import io.gantry.routing.lang.RouteParser;
import io.gantry.routing.lang.RouteSyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RandomConditionTest {

  private static final int CONDITIONS = 10_000;
  private static final int FUZZED = 100_000;

  /** A message, and what the naive evaluator has to know of it. */
  private record Sample(Message message, Naive.World world) {}

  private static Sample sample(Random random) {
    Map<String, Object> properties = new HashMap<>();
    Map<String, Object> system = new HashMap<>();
    Map<String, Object> body = new HashMap<>();
    List<String> fields = new ArrayList<>();
    if (random.nextBoolean()) {
      body.put(".t", (double) random.nextInt(5));
      fields.add("\"t\":" + body.get(".t"));
    }
    if (random.nextBoolean()) {
      body.put(".s", random.nextBoolean() ? "ab" : "3");
      fields.add("\"s\":\"" + body.get(".s") + "\"");
    }
    if (random.nextBoolean()) {
      body.put(".ok", random.nextBoolean());
      fields.add("\"ok\":" + body.get(".ok"));
    }
    if (random.nextBoolean()) {
      body.put(".nul", Nothing.NULL);
      fields.add("\"nul\":null");
    }
    if (random.nextBoolean()) {
      // An object has no value, what is in it has.
      body.put(".a", Nothing.UNDEFINED);
      body.put(".a.b[1]", 2.0);
      fields.add("\"a\":{\"b\":[1,2]}");
    }
    body.put("", Nothing.UNDEFINED);
    boolean readable = random.nextInt(5) > 0;
    Message message =
        readable
            ? Message.json("{" + String.join(",", fields) + "}")
            : Message.of(Payload.ofText("{" + String.join(",", fields) + "}"));
    if (random.nextBoolean()) {
      properties.put("key1", random.nextBoolean() ? "a" : "AB");
      message = message.withProperty("Key1", (String) properties.get("key1"));
    }
    if (random.nextBoolean()) {
      properties.put("key2", "3");
      message = message.withProperty("key2", "3");
    }
    if (random.nextBoolean()) {
      properties.put("nul", Nothing.NULL);
      message = message.withProperty("nul", null);
    }
    if (random.nextBoolean()) {
      system.put("messageid", "b");
      message = message.withSystemProperty(SystemProperty.MESSAGE_ID, "b");
    }
    return new Sample(message, new Naive.World(properties, system, readable ? body : Map.of()));
  }

  /** Compiled closures, read by one pass over the body, against a walk over the tree. */
  @Test
  void whatIsCompiledSaysWhatTheLanguageSays() throws RouteSyntaxException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    RandomCondition conditions = new RandomCondition(random);
    int fired = 0;
    for (int i = 0; i < CONDITIONS; i++) {
      Naive naive = conditions.bool(1 + random.nextInt(5));
      String text = naive.text(0);
      BodyPaths paths = new BodyPaths(false);
      Condition compiled =
          new ConditionCompiler(paths)
              .compile(RouteParser.parse("FROM /* WHERE " + text + " INTO $upstream").condition());
      for (int j = 0; j < 4; j++) {
        Sample sample = sample(random);
        boolean expected = naive.value(sample.world()) == (Object) true;
        fired += expected ? 1 : 0;
        assertEquals(
            expected,
            compiled.holds(new Scope(sample.message(), paths)),
            () -> "seed " + seed + ": " + text + " for " + sample.world());
      }
    }
    int total = CONDITIONS * 4;
    int yes = fired;
    assertTrue(yes > total / 10 && yes < total * 9 / 10, () -> yes + " of " + total + " fired");
  }

  /** Whoever writes a manifest gets an error with a column, whatever was written. */
  @Test
  @Timeout(300)
  void anyTextCompilesOrIsRefusedWithAColumnInIt() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    RandomCondition conditions = new RandomCondition(random);
    String splinters = "()<>=!?|+-*/%'\"\\$.[]{},;:@ \t\n\u0000é\uD83D0xaAnulltrue";
    int refused = 0;
    for (int i = 0; i < FUZZED; i++) {
      StringBuilder text =
          new StringBuilder(
              "SELECT * FROM /messages/* WHERE "
                  + conditions.bool(random.nextInt(4)).text(0)
                  + " INTO BrokeredEndpoint(\"/modules/m/inputs/i\")");
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        char splinter = splinters.charAt(random.nextInt(splinters.length()));
        switch (random.nextInt(4)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, splinter);
          case 2 -> text.setCharAt(at, splinter);
          default -> text.insert(at, text.substring(random.nextInt(at + 1), at));
        }
      }
      refused += isRefused(text.toString(), seed) ? 1 : 0;
    }
    int count = refused;
    assertTrue(count > FUZZED / 4 && count < FUZZED, () -> count + " were refused");
  }

  private static boolean isRefused(String text, long seed) {
    try {
      new ConditionCompiler(new BodyPaths(false)).compile(RouteParser.parse(text).condition());
      return false;
    } catch (RouteSyntaxException refused) {
      assertTrue(
          refused.column() >= 1 && refused.column() <= text.length() + 1,
          () -> "seed " + seed + ": column " + refused.column() + " of " + text);
      return true;
    } catch (RuntimeException | StackOverflowError bug) {
      throw new AssertionError("seed " + seed + ": " + text, bug);
    }
  }
}
