package io.gantry.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link TableStore} does, the real one and the fake. */
public abstract class TableStoreContract {

  private static final int LARGEST = 16 << 20;

  /** The store under test, empty in the beginning; the same one until {@link #reopen}. */
  protected abstract TableStore store() throws Exception;

  /** Closes the store and opens it again, as a restart does. */
  protected abstract void reopen() throws Exception;

  private Table table() throws Exception {
    return store().table("twins");
  }

  @Test
  void aNewTableIsEmpty() throws Exception {
    assertEquals(Set.of(), table().keys());
    assertEquals(Optional.empty(), table().get("k"));
  }

  @Test
  void aReadSeesEveryCompletedChange() throws Exception {
    put("k", "1");
    assertEquals(Optional.of("1"), value("k"));
    put("k", "2");
    assertEquals(Optional.of("2"), value("k"));
    get(table().remove("k"));
    assertEquals(Optional.empty(), value("k"));
    put("k", "3");
    assertEquals(Optional.of("3"), value("k"));
  }

  @Test
  void theLastOfManyChangesStands() throws Exception {
    CompletionStage<Void> last = table().put("k", bytes("0"));
    for (int i = 1; i < 200; i++) {
      last = i % 10 == 5 ? table().remove("k") : table().put("k", bytes("" + i));
    }
    get(last);
    assertEquals(Optional.of("199"), value("k"));
    reopen();
    assertEquals(Optional.of("199"), value("k"));
  }

  @Test
  void removingWhatIsNotThereIsDone() throws Exception {
    get(table().remove("k"));
    assertEquals(Set.of(), table().keys());
  }

  @Test
  void valuesAreCopies() throws Exception {
    byte[] mine = bytes("abc");
    CompletionStage<Void> stage = table().put("k", mine);
    mine[0] = 'x';
    get(stage);
    assertEquals(Optional.of("abc"), value("k"));
    table().get("k").orElseThrow()[0] = 'y';
    assertEquals(Optional.of("abc"), value("k"));
  }

  @Test
  void keysAreASnapshot() throws Exception {
    put("a", "1");
    Set<String> before = table().keys();
    put("b", "2");
    assertEquals(Set.of("a"), before);
    assertEquals(Set.of("a", "b"), table().keys());
  }

  @Test
  void theSameNameIsTheSameTableAndAnotherNameAnother() throws Exception {
    put("k", "1");
    assertSame(table(), store().table("twins"));
    assertEquals(Set.of(), store().table("twins-2").keys());
  }

  @Test
  void reopeningKeepsAll() throws Exception {
    for (int i = 0; i < 50; i++) {
      put("key " + i + " \u6f22/\u00e4", "old");
      put("key " + i + " \u6f22/\u00e4", "value " + i);
    }
    put("", "empty key");
    put("empty value", "");
    get(table().remove("key 7 \u6f22/\u00e4"));
    Set<String> keys = table().keys();
    reopen();
    assertEquals(51, table().keys().size());
    assertEquals(keys, table().keys());
    assertEquals(Optional.of("value 49"), value("key 49 \u6f22/\u00e4"));
    assertEquals(Optional.of("empty key"), value(""));
    assertEquals(Optional.of(""), value("empty value"));
    assertEquals(Optional.empty(), value("key 7 \u6f22/\u00e4"));
  }

  /** The file is written anew on the way; nothing of it must show. */
  @Test
  void aTableThatIsChangedOftenKeepsItsValues() throws Exception {
    byte[] value = new byte[1000];
    for (int i = 0; i < 500; i++) {
      Arrays.fill(value, (byte) i);
      get(table().put("k" + i % 5, value));
    }
    reopen();
    for (int i = 495; i < 500; i++) {
      assertEquals((byte) i, table().get("k" + i % 5).orElseThrow()[999]);
    }
  }

  @Test
  void aValueMayHaveSixteenMebibytesAndNoMore() throws Exception {
    byte[] largest = new byte[LARGEST];
    Arrays.fill(largest, (byte) 3);
    Table table = table();
    get(table.put("k", largest));
    byte[] tooLarge = new byte[LARGEST + 1];
    assertThrows(IllegalArgumentException.class, () -> table.put("k", tooLarge));
    assertArrayEquals(largest, table.get("k").orElseThrow());
    reopen();
    assertArrayEquals(largest, table().get("k").orElseThrow());
  }

  @Test
  void namesAreChecked() throws Exception {
    TableStore store = store();
    assertThrows(IllegalArgumentException.class, () -> store.table(""));
    assertThrows(IllegalArgumentException.class, () -> store.table("Twins"));
    assertThrows(IllegalArgumentException.class, () -> store.table("../twins"));
  }

  private void put(String key, String value) throws Exception {
    get(table().put(key, bytes(value)));
  }

  private Optional<String> value(String key) throws Exception {
    return table().get(key).map(value -> new String(value, UTF_8));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
