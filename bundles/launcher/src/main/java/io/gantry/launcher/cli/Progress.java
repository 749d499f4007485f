package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows on standard error how far something is while another request waits for its end: on a
 * terminal in one line that is written over, otherwise a line for each change. Nothing depends on
 * it: where the instance does not tell, nothing is shown.
 */
final class Progress implements AutoCloseable {

  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 20;

  private final Instance instance;
  private final PrintStream err;
  private final boolean rewrite;
  private final int width;
  private final CountDownLatch open = new CountDownLatch(1);
  private int shown;
  private boolean closed;

  private Progress(Instance instance, Environment environment) {
    this.instance = instance;
    this.err = environment.err();
    this.rewrite = environment.terminal();
    this.width = width(environment.variables().getOrDefault("COLUMNS", ""));
  }

  private static int width(String columns) {
    return columns.matches("\\d{1,4}")
        ? Math.max(LEAST_WIDTH, Integer.parseInt(columns))
        : USUAL_WIDTH;
  }

  /** Begins; returns when the instance will tell of every change from now on. */
  static Progress follow(Instance instance, Environment environment) throws CommandException {
    Progress progress = new Progress(instance, environment);
    Thread thread = new Thread(progress::listen, "gantry-progress");
    thread.setDaemon(true);
    thread.start();
    try {
      // Without an answer we do without.
      long millis = environment.patience().toMillis();
      boolean told = progress.open.await(millis, TimeUnit.MILLISECONDS);
      return told ? progress : progress.silent();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failed("interrupted");
    }
  }

  private Progress silent() {
    close();
    return this;
  }

  private void listen() {
    Query query = new Query("/v1/deployments/progress").with("summary", rewrite);
    try {
      instance.stream(query.toString(), "text/plain", 0, this::read);
    } catch (CommandException e) {
      // The other request tells what there is to tell.
      return;
    } finally {
      open.countDown();
    }
  }

  private void read(InputStream in) throws IOException {
    open.countDown();
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isEmpty()) {
        show(line);
      }
    }
  }

  private synchronized void show(String line) {
    if (closed) {
      return;
    }
    if (!rewrite) {
      err.println(line);
    } else {
      boolean fits = line.length() < width;
      String text = fits ? line : line.substring(0, width - 4) + "...";
      err.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
      shown = text.length();
    }
    err.flush();
  }

  /** Shows nothing more, and leaves an empty line to write on. */
  @Override
  public synchronized void close() {
    if (!closed && shown > 0) {
      err.print("\r" + " ".repeat(shown) + "\r");
      err.flush();
    }
    closed = true;
  }
}
