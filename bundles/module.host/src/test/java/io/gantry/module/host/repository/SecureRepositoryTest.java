package io.gantry.module.host.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.fetch.TestServer;
import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.store.FakeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Repositories behind TLS, with an authority that Java does not know. */
@Timeout(300)
class SecureRepositoryTest {

  @TempDir Path temp;
  private final RealTime time = new RealTime();
  private final FakeCertificates certificates = new FakeCertificates();
  private TestServer server;
  private Path authority;

  @BeforeEach
  void open() throws Exception {
    server = TestServer.secure(certificates.serverContext());
    server.on("/r/index.xml", TestServer.file("<repository/>".getBytes(UTF_8)));
    authority = temp.resolve("authority.pem");
    Files.writeString(
        authority,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder()
                .encodeToString(certificates.authority().orElseThrow().getEncoded())
            + "\n-----END CERTIFICATE-----\n");
  }

  @AfterEach
  void close() {
    server.close();
    time.close();
  }

  @Test
  void aServerForWhomANamedAuthorityVouchesIsTrusted() throws Exception {
    assertEquals(Map.of(), read(List.of(authority), Logins.NONE).unreadable());
  }

  @Test
  void anotherServerIsNotAndThatIsNotTemporary() throws Exception {
    Logins logins =
        new Logins(
            List.of(new RepositoryLogin("127.0.0.1:" + server.port(), Optional.empty(), "t")));
    Catalog.Unread unread = unread(read(List.of(), logins));
    assertTrue(
        unread.reason().startsWith("shows a certificate that is not trusted"), unread.reason());
    assertFalse(unread.temporary());
    assertEquals(List.of(), server.asked(), "nothing was asked, and no token shown");
  }

  /** Nobody on the way may lead us to where he can listen and change. */
  @Test
  void aRedirectToWhatIsNotEncryptedIsNotFollowed() throws Exception {
    try (TestServer plain = new TestServer()) {
      plain.on("/index.xml", TestServer.file("<repository/>".getBytes(UTF_8)));
      server.on("/r/index.xml", TestServer.redirect(plain.uri("/index.xml")));
      Catalog.Unread unread = unread(read(List.of(authority), Logins.NONE));
      assertTrue(unread.reason().startsWith("leads from https to http://"), unread.reason());
      assertFalse(unread.temporary());
      assertEquals(List.of(), plain.asked());
    }
  }

  @Test
  void filesThatAreNoCertificatesAreSaidAtTheStart() throws Exception {
    Path empty = Files.writeString(temp.resolve("empty.pem"), "nothing");
    for (Path wrong : List.of(empty, temp.resolve("nowhere.pem"))) {
      IOException refusal =
          assertThrows(IOException.class, () -> read(List.of(wrong), Logins.NONE));
      assertTrue(refusal.getMessage().startsWith("repositoryAuthorities: "), "" + refusal);
      assertTrue(refusal.getMessage().contains(wrong.toString()), "" + refusal);
    }
  }

  private Catalog.Unread unread(Catalog catalog) {
    return catalog.unreadable().get(server.uri("/r").toString());
  }

  private Catalog read(List<Path> authorities, Logins logins) throws IOException {
    RepositorySettings usual = RepositorySettings.of(List.of(server.uri("/r").toString()));
    try (Supply supply =
        new Supply(
            new RepositorySettings(
                usual.repositories(),
                Duration.ofSeconds(20),
                List.of(),
                authorities,
                Optional.empty()),
            temp.resolve("cache"),
            new Supply.Services(new FakeStore(), InstantSource.system(), time, time),
            Runnable::run)) {
      return supply.repositories().read(Optional.empty(), logins, new Cancellation());
    }
  }
}
