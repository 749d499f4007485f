package io.gantry.console.management;

import io.gantry.console.status.Gateway;
import io.gantry.console.status.RepositoryFacts;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import io.gantry.spi.module.RepositoryRegistry.Report;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** {@code /v1/repositories}: where modules come from, and the cache of what came. */
final class RepositoriesCall {

  private final Gateway gateway;

  RepositoriesCall(Gateway gateway) {
    this.gateway = gateway;
  }

  private RepositoryRegistry registry() throws ApiException {
    return gateway
        .repositories()
        .orElseThrow(() -> new ApiException(503, "module repositories are not there: see status"));
  }

  /** All of them, and how they are. */
  void list(Call call) throws IOException, ApiException {
    List<Report> reports = Outcome.of(registry().list());
    call.answer(
        200, RepositoryFacts.json(reports), RepositoryFacts.text(reports, Moments.zone(call)));
  }

  /** Adds {@code address}; with {@code signed=true} only signed jars are taken from it. */
  void add(Call call) throws IOException, ApiException {
    String address = call.required("address");
    boolean signed = call.parameter("signed").orElse("false").equals("true");
    Report report = outcome(registry().add(address, signed));
    call.answer(200, RepositoryFacts.json(report), RepositoryFacts.added(report));
  }

  /** Removes {@code address}. */
  void remove(Call call) throws IOException, ApiException {
    String address = call.required("address");
    if (!outcome(registry().remove(address))) {
      throw new ApiException(
          404, "there is no repository '" + address + "': see gantry repository list");
    }
    call.answer(200, "{\"removed\":true}\n", "removed " + address + "\n");
  }

  /** Deletes from the cache what nobody needs. */
  void collect(Call call) throws IOException, ApiException {
    Collected collected = outcome(registry().collect());
    call.answer(200, RepositoryFacts.json(collected), RepositoryFacts.text(collected));
  }

  private static <T> T outcome(CompletionStage<T> stage) throws ApiException {
    return Outcome.of(
        stage.exceptionallyCompose(error -> CompletableFuture.failedFuture(refusal(error))));
  }

  private static Throwable refusal(Throwable error) {
    if (error instanceof CompletionException && error.getCause() != null) {
      return refusal(error.getCause());
    }
    if (error instanceof IllegalArgumentException wrong) {
      return new ApiException(400, wrong.getMessage());
    }
    return error instanceof ModuleException failed
        ? new ApiException(500, failed.getMessage())
        : error;
  }
}
