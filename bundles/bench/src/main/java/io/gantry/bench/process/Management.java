package io.gantry.bench.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.security.SasToken;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The management API of a gateway that runs: the command would take a JVM for each identity. */
final class Management {

  private static final String HUB = "gantry.local";
  private static final Duration TOKEN_LIFE = Duration.ofHours(12);
  private static final int OK = 200;
  private static final int CREATED = 300;
  private static final int AT_ONCE = 16;
  // The same for all of them: nothing here is secret.
  private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final String token;

  /**
   * @param data the gateway's data folder
   */
  Management(Path data) throws IOException {
    Properties properties = new Properties();
    Path file = data.resolve("run").resolve("management.properties");
    try (Reader reader = Files.newBufferedReader(file, UTF_8)) {
      properties.load(reader);
    }
    url = URI.create(properties.getProperty("url"));
    token = properties.getProperty("token");
  }

  /** Carries out a deployment; comes back when it was carried out. */
  void deploy(String manifest) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(request("/v1/deployments", manifest), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != OK) {
      throw new IOException(
          "the deployment ended with " + answer.statusCode() + ": " + answer.body());
    }
  }

  private HttpRequest request(String path, String body) {
    return HttpRequest.newBuilder(url.resolve(path))
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  /** Makes identities of devices. */
  List<Account> create(List<String> deviceIds) throws IOException {
    List<Account> made = new ArrayList<>();
    Instant end = Instant.now().plus(TOKEN_LIFE);
    for (int from = 0; from < deviceIds.size(); from += AT_ONCE) {
      List<String> some = deviceIds.subList(from, Math.min(from + AT_ONCE, deviceIds.size()));
      createAtOnce(some);
      for (String deviceId : some) {
        String password = SasToken.sign(HUB, new DeviceIdentity(deviceId), KEY, end);
        made.add(Account.of(deviceId, HUB, password));
      }
    }
    return made;
  }

  private void createAtOnce(List<String> deviceIds) throws IOException {
    List<CompletableFuture<HttpResponse<String>>> answers =
        deviceIds.stream().map(this::create).toList();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      try {
        HttpResponse<String> response = answer.join();
        if (response.statusCode() >= CREATED) {
          throw new IOException("no identity was made: " + response.body());
        }
      } catch (CompletionException e) {
        throw new IOException("the management API does not answer", e);
      }
    }
  }

  private CompletableFuture<HttpResponse<String>> create(String deviceId) {
    JsonObject body = new JsonObject();
    body.addProperty("identity", deviceId);
    body.addProperty("primaryKey", KEY);
    body.addProperty("secondaryKey", KEY);
    return client.sendAsync(
        request("/v1/identities/create", body.toString()), HttpResponse.BodyHandlers.ofString());
  }
}
