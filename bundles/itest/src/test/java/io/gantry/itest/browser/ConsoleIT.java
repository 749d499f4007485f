package io.gantry.itest.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Identities;
import io.gantry.itest.distribution.SampleManifest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The Web Console of what ships. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Distribution distribution;
  private String authority;
  private String password;

  @BeforeAll
  void start(@TempDir Path temp) throws IOException {
    distribution = Distribution.in(temp.resolve("gantry")).knowing("thermo1");
    // The page shows the last twenty events, and that of the test shall be among them however long
    // a browser takes to start.
    Files.writeString(
        distribution.folder().conf().resolve("deployment.json"),
        SampleManifest.unchanged().env("sensor", "MessageDelay", "3600").text());
    distribution.start();
    authority = "127.0.0.1:" + distribution.folder().port("org.apache.felix.http");
    password = Files.readString(distribution.folder().data().resolve("console.password")).strip();
  }

  @AfterAll
  void stop() {
    distribution.close();
  }

  private int status(String page, String login) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + authority + "/system/console/" + page))
            .timeout(LIMIT);
    if (!login.isEmpty()) {
      String encoded = Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
      request.header("Authorization", "Basic " + encoded);
    }
    HttpResponse<Void> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding());
    if (answer.statusCode() == 401) {
      assertEquals(
          "Basic realm=\"Gantry\", charset=\"UTF-8\"",
          answer.headers().firstValue("WWW-Authenticate").orElse(""));
    }
    return answer.statusCode();
  }

  @Test
  void nobodyComesInWithoutThePassword() throws Exception {
    for (String page :
        List.of("gantry", "bundles", "bundles.json", "configMgr", "res/ui/webconsole.css")) {
      for (String login : List.of("", "admin:admin", "admin:", "root:" + password)) {
        int found = status(page, login);
        // Style sheets and the like of the console itself are no secret.
        assertTrue(found == 401 || page.startsWith("res/") && found == 200, page + ": " + found);
      }
      assertEquals(200, status(page, "admin:" + password), page);
    }
  }

  @Test
  @RequiresBrowser
  void theBrowserShowsTheGatewayAndItsBundles() throws Exception {
    int port = distribution.folder().port("io.gantry.mqtt");
    try (MqttClient device = new MqttClient("tcp://127.0.0.1:" + port, "thermo1", null)) {
      device.connect(Identities.login(new MqttConnectOptions(), "thermo1"));
      byte[] body = "{\"temperature\":30,\"<b>\":\"<i>\"}".getBytes(UTF_8);
      String topic = "devices/thermo1/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8";
      device.publish(topic, body, 1, false);
      device.disconnect();
    }
    Await.until(
        "the alert is upstream", LIMIT, () -> distribution.cli("events").out().contains("<b>"));

    ChromeDriver browser = Browser.open();
    try {
      WebDriverWait wait = new WebDriverWait(browser, LIMIT);
      browser.get("http://admin:" + password + "@" + authority + "/system/console/gantry");
      wait.until(ExpectedConditions.presenceOfElementLocated(By.id("gantry-modules")));
      screenshot(browser, "gantry");
      assertTrue(browser.getTitle().contains("Gantry"), browser.getTitle());
      String state = browser.findElement(By.className("statline")).getText();
      assertTrue(state.matches("Gantry 0\\.\\S+: ready"), state);
      List<String> modules = rows(browser, "gantry-modules");
      assertEquals(2, modules.size(), modules::toString);
      assertTrue(modules.get(0).startsWith("filter running 0.1.0"), modules::toString);
      assertTrue(modules.get(1).startsWith("sensor running 0.1.0"), modules::toString);
      assertEquals(3, rows(browser, "gantry-routes").size());
      assertEquals(2, rows(browser, "gantry-queues").size());
      String events = browser.findElement(By.id("gantry-events")).getText();
      assertTrue(events.contains("\"<b>\":\"<i>\""), "text stays text: " + events);
      assertNoScriptError(browser);

      deploy(browser, wait, "{ no json }");
      screenshot(browser, "refused");
      String outcome = browser.findElement(By.id("gantry-outcome")).getText();
      assertTrue(outcome.startsWith("refused (400): nothing was changed"), outcome);
      assertTrue(outcome.contains("error: manifest, line 1, column"), outcome);
      deploy(
          browser, wait, Files.readString(distribution.folder().conf().resolve("deployment.json")));
      outcome = browser.findElement(By.id("gantry-outcome")).getText();
      assertTrue(outcome.matches("deployment \\d+ is in force"), outcome);
      assertNoScriptError(browser);

      press(browser, wait, By.id("gantry-dry-run"));
      outcome = browser.findElement(By.id("gantry-outcome")).getText();
      assertTrue(outcome.startsWith("nothing would change"), outcome);
      assertTrue(rows(browser, "gantry-history").get(0).contains("in force"));

      // What changes the plant has to be opened first.
      By sure = By.cssSelector("#gantry-modules .gantry-restart button");
      assertFalse(browser.findElement(sure).isDisplayed());
      browser.findElement(By.cssSelector("#gantry-modules .gantry-restart summary")).click();
      screenshot(browser, "restart");
      assertEquals("Restart filter now", browser.findElement(sure).getText());
      press(browser, wait, sure);
      outcome = browser.findElement(By.id("gantry-outcome")).getText();
      assertEquals("restarted filter", outcome);
      assertNoScriptError(browser);

      browser.get("http://" + authority + "/system/console/bundles");
      wait.until(
          page ->
              page.findElements(By.cssSelector("#plugin_table tbody tr")).stream()
                  .anyMatch(row -> row.getText().contains("io.gantry.hub")));
      screenshot(browser, "bundles");
      String bundles = browser.findElement(By.id("plugin_table")).getText();
      assertTrue(bundles.contains("io.gantry.sample.filter"), bundles);
      assertNoScriptError(browser);
    } finally {
      browser.quit();
    }
  }

  private static List<String> rows(ChromeDriver browser, String table) {
    return browser.findElements(By.cssSelector("#" + table + " tbody tr")).stream()
        .map(WebElement::getText)
        .collect(Collectors.toList());
  }

  private static void deploy(ChromeDriver browser, WebDriverWait wait, String manifest) {
    WebElement text = browser.findElement(By.name("manifest"));
    // Typing it would take seconds.
    browser.executeScript("arguments[0].value = arguments[1]", text, manifest);
    press(browser, wait, By.id("gantry-deploy"));
  }

  private static void press(ChromeDriver browser, WebDriverWait wait, By button) {
    WebElement pressed = browser.findElement(button);
    pressed.click();
    wait.until(ExpectedConditions.stalenessOf(pressed));
    wait.until(ExpectedConditions.presenceOfElementLocated(By.id("gantry-outcome")));
  }

  private static void assertNoScriptError(ChromeDriver browser) {
    List<LogEntry> errors =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .filter(entry -> !entry.getMessage().contains("favicon.ico"))
            .collect(Collectors.toList());
    assertEquals(List.of(), errors);
  }

  /** For people: beside the reports of the tests. */
  private static void screenshot(ChromeDriver browser, String name) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "screenshots"));
    Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }
}
