package io.gantry.module.log.entry;

import io.gantry.spi.log.ModuleLogs;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleReference;

/**
 * On whose behalf this thread does what it does, by the bundles of the classes on its stack. Takes
 * some microseconds, so it is asked only for what does not say itself who it comes from.
 */
public final class Caller {

  /** No deeper: whoever has not called within so many frames is not worth the search. */
  private static final int MOST_FRAMES = 256;

  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private Caller() {}

  /** The bundle that has called us; empty when there is none on the stack. */
  public static Optional<Bundle> ofUs() {
    Optional<Bundle> us = bundle(Caller.class.getClassLoader());
    return walk(callers -> callers.dropWhile(each -> us.filter(each::equals).isPresent()));
  }

  /**
   * Into which log goes what a bundle says now. What a library says that modules share is its
   * caller's; where that is none of them, the thread tells: the context class loader is the
   * module's while it is called, and in the threads that it starts.
   *
   * @param speaker null when no bundle is known
   */
  public static String log(@Nullable Bundle speaker) {
    if (speaker != null && !LogName.isShared(speaker)) {
      return LogName.of(speaker);
    }
    Optional<Bundle> caller =
        speaker == null
            ? Optional.empty()
            : walk(
                callers ->
                    callers.dropWhile(each -> !each.equals(speaker)).dropWhile(LogName::isShared));
    return caller
        .filter(LogName::isModule)
        .or(() -> bundle(Thread.currentThread().getContextClassLoader()).filter(LogName::isModule))
        .map(LogName::of)
        .orElse(ModuleLogs.AGENT);
  }

  private static Optional<Bundle> walk(UnaryOperator<Stream<Bundle>> chosen) {
    return STACK.walk(
        frames ->
            chosen
                .apply(
                    frames
                        .limit(MOST_FRAMES)
                        .map(frame -> frame.getDeclaringClass().getClassLoader())
                        .filter(BundleReference.class::isInstance)
                        .map(loader -> ((BundleReference) loader).getBundle()))
                .findFirst());
  }

  private static Optional<Bundle> bundle(@Nullable ClassLoader loader) {
    return loader instanceof BundleReference reference
        ? Optional.of(reference.getBundle())
        : Optional.empty();
  }
}
