package io.gantry.spi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.spi.session.SendResult.Reason;
import io.gantry.spi.session.SendResult.Rejected;
import io.gantry.spi.store.StoreException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendResultTest {

  /** A stage behind the store's wraps what that has failed with. */
  @ParameterizedTest
  @CsvSource({"FULL, STORE_FULL", "BROKEN, STORE_BROKEN", "CLOSED, CLOSED"})
  void whatTheStoreHasSaidIsToldWrappedOrNot(StoreException.Kind kind, Reason reason) {
    StoreException failure = new StoreException(kind, "as the test wanted");
    Rejected expected = new Rejected(reason, "as the test wanted");
    assertEquals(expected, Rejected.notStored(failure));
    assertEquals(expected, Rejected.notStored(new CompletionException(failure)));
  }

  @Test
  void anyOtherFailureIsTakenForABrokenStore() {
    String text = "Storing a message failed: java.lang.IllegalStateException: a bug";
    assertEquals(
        new Rejected(Reason.STORE_BROKEN, text),
        Rejected.notStored(new CompletionException(new IllegalStateException("a bug"))));
    Throwable bare = new CompletionException("nothing behind it", null);
    assertEquals("Storing a message failed: " + bare, Rejected.notStored(bare).text());
  }
}
