package io.gantry.api.message;

import static java.util.Objects.requireNonNull;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a message, which are few: names and values in one array, in the order they were
 * set in, that nobody can change. A hash table for each message would be many times as large and
 * find nothing faster.
 *
 * @param <V> of values
 */
final class FewProperties<V extends @Nullable String> extends AbstractMap<String, V> {

  /** So many are few. */
  static final int MOST = 12;

  private final String[] entries;

  /** Copies a map, which may be one that another thread adds to or takes from meanwhile. */
  FewProperties(Map<String, V> map) {
    @Nullable String[] all = new String[2 * map.size()];
    int length = 0;
    for (Entry<String, V> entry : map.entrySet()) {
      if (length == all.length) {
        all = Arrays.copyOf(all, length + 2);
      }
      all[length++] = requireNonNull(entry.getKey(), "property name");
      all[length++] = entry.getValue();
    }
    entries = length == all.length ? all : Arrays.copyOf(all, length);
  }

  @Override
  public int size() {
    return entries.length / 2;
  }

  private int find(@Nullable Object name) {
    for (int i = 0; i < entries.length; i += 2) {
      if (entries[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @SuppressWarnings("unchecked")
  private V value(int index) {
    return (V) entries[index + 1];
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return find(name) >= 0;
  }

  @Override
  public @Nullable V get(@Nullable Object name) {
    int index = find(name);
    return index < 0 ? null : value(index);
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super V> action) {
    for (int i = 0; i < entries.length; i += 2) {
      action.accept(entries[i], value(i));
    }
  }

  @Override
  public @Nullable V remove(@Nullable Object name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<Entry<String, V>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Entry<String, V>> {

    @Override
    public int size() {
      return FewProperties.this.size();
    }

    @Override
    public Iterator<Entry<String, V>> iterator() {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < entries.length;
        }

        @Override
        public Entry<String, V> next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          next += 2;
          return new SimpleImmutableEntry<>(entries[next - 2], value(next - 2));
        }
      };
    }
  }
}
