package io.gantry.itest.browser;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test, and says so, where there is no Chromium with its driver. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresBrowser.Condition.class)
public @interface RequiresBrowser {

  /** Looks for both. */
  final class Condition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (Browser.binary().isPresent() && Browser.driver().isPresent()) {
        return ConditionEvaluationResult.enabled("Chromium and its driver are there");
      }
      String reason =
          "no Chromium or no ChromeDriver on the PATH: install chromium and chromium-driver, or"
              + " name them with -Dgantry.chromium= and -Dgantry.chromedriver=";
      // The summary of the test run counts skipped tests, but does not tell why.
      System.out.println("SKIPPED " + context.getDisplayName() + ": " + reason);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}
