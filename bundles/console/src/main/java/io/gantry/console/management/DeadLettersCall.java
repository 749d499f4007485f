package io.gantry.console.management;

import io.gantry.console.status.DeadLetterLines;
import io.gantry.console.status.Gateway;
import io.gantry.spi.routing.DeadLetters;
import io.gantry.spi.routing.DeadLetters.DeadLetter;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** {@code /v1/deadletters}: list, replay, purge. */
final class DeadLettersCall {

  private static final int MOST = 1_000;

  private final Gateway gateway;
  private final Supplier<Instant> now;

  DeadLettersCall(Gateway gateway, Supplier<Instant> now) {
    this.gateway = gateway;
    this.now = now;
  }

  private DeadLetters deadLetters() throws ApiException {
    return gateway
        .deadLetters()
        .orElseThrow(() -> new ApiException(503, "routing is not there: see status"));
  }

  /** At most a thousand at once, from {@code from} on: one line each. */
  void list(Call call) throws IOException, ApiException {
    long from = call.number("from").orElse(0L);
    List<DeadLetter> letters = deadLetters().read(from, MOST);
    call.answer(
        200,
        letters.stream().map(one -> DeadLetterLines.json(one) + "\n").collect(Collectors.joining()),
        letters.stream()
            .map(one -> DeadLetterLines.text(one) + "\n")
            .collect(Collectors.joining()));
  }

  /** The one that {@code sequence} names, or all that are there now. */
  void replay(Call call) throws IOException, ApiException {
    DeadLetters deadLetters = deadLetters();
    Optional<Long> sequence = call.number("sequence");
    if (sequence.isPresent()) {
      if (!Outcome.of(deadLetters.replay(sequence.get()))) {
        throw new ApiException(404, "there is no dead letter " + sequence.get());
      }
      answer(call, "replayed", 1);
      return;
    }
    // One that comes back while we are at it waits for the next time.
    Instant begin = now.get();
    long replayed = 0;
    long from = 0;
    List<DeadLetter> letters;
    do {
      letters =
          deadLetters.read(from, MOST).stream()
              .filter(letter -> !letter.time().isAfter(begin))
              .toList();
      for (DeadLetter letter : letters) {
        replayed += Outcome.of(deadLetters.replay(letter.sequence())) ? 1 : 0;
        from = letter.sequence() + 1;
      }
    } while (letters.size() == MOST);
    answer(call, "replayed", replayed);
  }

  /** All up to {@code sequence}, or all. */
  void purge(Call call) throws IOException, ApiException {
    long upTo = call.number("sequence").orElse(Long.MAX_VALUE);
    answer(call, "purged", Outcome.of(deadLetters().purge(upTo)));
  }

  private static void answer(Call call, String verb, long count) throws IOException {
    String letters = count == 1 ? " dead letter" : " dead letters";
    call.answer(200, "{\"" + verb + "\":" + count + "}\n", verb + " " + count + letters + "\n");
  }
}
