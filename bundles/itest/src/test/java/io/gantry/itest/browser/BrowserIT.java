package io.gantry.itest.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;

@RequiresBrowser
class BrowserIT {

  @Test
  void theBrowserShowsAPage() {
    ChromeDriver browser = Browser.open();
    try {
      browser.get("data:text/html,<h1>Gantry</h1>");
      assertEquals("Gantry", browser.findElement(By.tagName("h1")).getText());
    } finally {
      browser.quit();
    }
  }
}
