package io.gantry.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;

/** The running instance of a data folder, spoken to through its management API on loopback. */
public final class Instance {

  private static final int CONNECT_MILLIS = 3_000;

  private final Path data;
  private final String url;
  private final String token;

  private Instance(Path data, String url, String token) {
    this.data = data;
    this.url = url;
    this.token = token;
  }

  /**
   * An answer that was read to its end.
   *
   * @param status of HTTP
   * @param failed whether it was got, but tells of a failure of somebody else: a method, say
   * @param body text or JSON
   */
  public record Answer(int status, boolean failed, String body) {}

  /**
   * Finds the instance by the file that it leaves in its data folder.
   *
   * @throws CommandException with {@link ExitCode#NO_INSTANCE} when there is none
   */
  public static Instance find(Path data) throws CommandException {
    Path file = file(data);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw none(data);
    } catch (AccessDeniedException e) {
      throw CommandException.failed(
          "cannot read "
              + file
              + " as user "
              + System.getProperty("user.name")
              + "; run the command as the user that runs the gateway");
    } catch (IOException e) {
      throw CommandException.failed("cannot read " + file + ": " + e);
    }
    String url = properties.getProperty("url");
    String token = properties.getProperty("token");
    if (url == null || token == null) {
      throw CommandException.failed(file + ": expected the properties url and token");
    }
    return new Instance(data, url, token);
  }

  /** The file that a running instance leaves for us. */
  public static Path file(Path data) {
    return data.resolve("run").resolve("management.properties");
  }

  private static CommandException none(Path data) {
    return new CommandException(
        ExitCode.NO_INSTANCE,
        "no running instance for data folder " + data + "; start one with gantry run");
  }

  /** Asks and reads the whole answer, whatever its status. */
  public Answer get(String path, String accept, int timeoutMillis) throws CommandException {
    return exchange("GET", path, accept, new byte[0], timeoutMillis);
  }

  /** Tells and reads the whole answer, whatever its status; a timeout of 0 waits for ever. */
  public Answer post(String path, String accept, byte[] body, int timeoutMillis)
      throws CommandException {
    return exchange("POST", path, accept, body, timeoutMillis);
  }

  private Answer exchange(String method, String path, String accept, byte[] body, int timeoutMillis)
      throws CommandException {
    try {
      HttpURLConnection connection = open(path, accept, timeoutMillis);
      connection.setRequestMethod(method);
      if (method.equals("POST")) {
        connection.setDoOutput(true);
        // A body of known length is sent once; without it the JDK may repeat a POST by itself.
        connection.setFixedLengthStreamingMode(body.length);
        connection.getOutputStream().write(body);
      }
      return read(connection);
    } catch (IOException e) {
      throw explained(method, path, e);
    }
  }

  /**
   * Asks for an answer that goes on, and hands each of its lines over as it comes.
   *
   * @param silenceMillis how long nothing may come before the instance counts as gone
   */
  public void stream(String path, String accept, int silenceMillis, LineReader lines)
      throws CommandException {
    try {
      HttpURLConnection connection = open(path, accept, silenceMillis);
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw refused(read(connection));
      }
      try (InputStream in = connection.getInputStream()) {
        lines.read(in);
      }
    } catch (IOException e) {
      throw explained("GET", path, e);
    }
  }

  /** Takes a stream of lines. */
  @FunctionalInterface
  public interface LineReader {
    /** Reads until the end. */
    void read(InputStream in) throws IOException, CommandException;
  }

  private HttpURLConnection open(String path, String accept, int timeoutMillis) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(url + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(timeoutMillis);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty("Accept", accept);
    connection.setRequestProperty("Authorization", "Bearer " + token);
    return connection;
  }

  private Answer read(HttpURLConnection connection) throws IOException, CommandException {
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
      // Another program took over the port of an instance that is gone.
      throw none(data);
    }
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(
          status,
          "failed".equals(connection.getHeaderField("Gantry-Outcome")),
          in == null ? "" : new String(in.readAllBytes(), UTF_8));
    }
  }

  /** The failure that an answer of another status than 200 means. */
  static CommandException refused(Answer answer) {
    String text = answer.body().strip();
    return CommandException.failed(
        text.isEmpty() ? "the instance answered with status " + answer.status() : text);
  }

  private CommandException explained(String method, String path, IOException e) {
    if (e instanceof ConnectException) {
      return none(data);
    }
    if (e instanceof SocketTimeoutException) {
      return CommandException.failed(
          "no answer to " + method + " " + path + " in time from the instance at " + url);
    }
    return CommandException.failed(
        "the connection to the instance at " + url + " broke: " + e.getMessage());
  }
}
