package io.gantry.security.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.security.Made;
import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientAuthoritiesTest {

  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2026-07-01T00:00:00Z");

  @TempDir private Path folder;
  private ServerKey root;
  private ServerKey middle;
  private ServerKey device;

  @BeforeEach
  void setUp() {
    root = Made.of("Plant authority").authority().valid(BEGIN, END).make();
    middle = Made.of("Line authority").authority().by(root).valid(BEGIN, END).make();
    device = Made.of("thermo1").by(middle).valid(BEGIN, END).make();
  }

  private ClientAuthorities trusting(ServerKey... authorities) throws IOException {
    List<Path> files = new ArrayList<>();
    for (ServerKey authority : authorities) {
      files.add(Made.write(folder.resolve(files.size() + ".pem"), authority.certificate()));
    }
    return ClientAuthorities.read(files);
  }

  private boolean trusted(List<X509Certificate> chain) throws IOException {
    return trusting(root).vouchFor(chain, NOW);
  }

  @Test
  void aChainThatLeadsToAnAuthorityIsTrusted() throws Exception {
    assertTrue(trusted(device.chain()), "with the root");
    assertTrue(trusted(device.chain().subList(0, 2)), "without the root");
    assertTrue(trusted(Made.of("thermo2").by(root).valid(BEGIN, END).make().chain()));
  }

  /** TLS 1.3 lets clients send what is behind their own in any order (RFC 8446, 4.4.2). */
  @Test
  void theOrderBehindTheFirstDoesNotMatter() throws Exception {
    List<X509Certificate> chain = new ArrayList<>(device.chain());
    Collections.swap(chain, 1, 2);

    assertTrue(trusted(chain));
  }

  @Test
  void anAuthorityBetweenIsEnough() throws Exception {
    assertTrue(trusting(middle).vouchFor(device.chain(), NOW));
    assertFalse(
        trusting(middle).vouchFor(Made.of("x").by(root).valid(BEGIN, END).make().chain(), NOW));
  }

  @Test
  void severalAuthoritiesMayStandInOneFile() throws Exception {
    ServerKey other = Made.of("Other authority").authority().valid(BEGIN, END).make();
    Path file = Made.write(folder.resolve("all.pem"), root.certificate(), other.certificate());
    ClientAuthorities authorities = ClientAuthorities.read(List.of(file));

    assertTrue(authorities.vouchFor(device.chain(), NOW));
    assertTrue(authorities.vouchFor(Made.of("x").by(other).valid(BEGIN, END).make().chain(), NOW));
  }

  @Test
  void withoutAnyAuthorityNobodyIsTrusted() throws Exception {
    assertFalse(trusting().vouchFor(device.chain(), NOW));
  }

  @Test
  void whoSignsForHimselfIsNotTrusted() throws Exception {
    assertFalse(trusted(Made.of("thermo1").valid(BEGIN, END).make().chain()));
  }

  @Test
  void anAuthorityThatOnlyHasTheNameIsNotTrusted() throws Exception {
    ServerKey forged = Made.of("Plant authority").authority().valid(BEGIN, END).make();

    assertFalse(trusted(Made.of("thermo1").by(forged).valid(BEGIN, END).make().chain()));
  }

  @Test
  void aDeviceDoesNotVouchForOthers() throws Exception {
    assertFalse(trusted(Made.of("thermo2").by(device).valid(BEGIN, END).make().chain()));
  }

  @Test
  void aChainWithAGapIsNotTrusted() throws Exception {
    assertFalse(trusted(List.of(device.certificate(), root.certificate())));
    assertFalse(trusted(List.of()));
  }

  @Test
  void aChainThatIsTooLongIsNotTrusted() throws Exception {
    List<X509Certificate> chain = new ArrayList<>(device.chain());
    while (chain.size() <= ClientAuthorities.MAX_CHAIN) {
      chain.add(Made.of("more").valid(BEGIN, END).make().certificate());
    }

    assertTrue(trusted(chain.subList(0, ClientAuthorities.MAX_CHAIN)));
    assertFalse(trusted(chain));
  }

  @Test
  void datesCountByTheClockOfTheGateway() throws Exception {
    ClientAuthorities authorities = trusting(root);

    assertFalse(authorities.vouchFor(device.chain(), BEGIN.minusSeconds(1)));
    assertTrue(authorities.vouchFor(device.chain(), BEGIN));
    assertTrue(authorities.vouchFor(device.chain(), END));
    assertFalse(authorities.vouchFor(device.chain(), END.plusSeconds(1)));
  }

  @Test
  void anExpiredAuthorityVouchesForNobody() throws Exception {
    ServerKey old = Made.of("Old authority").authority().valid(BEGIN, NOW.minusSeconds(1)).make();
    ServerKey young = Made.of("thermo1").by(old).valid(BEGIN, END).make();

    assertFalse(trusting(old).vouchFor(young.chain(), NOW));
    assertTrue(trusting(old).vouchFor(young.chain(), BEGIN));
  }

  @Test
  void anExpiredDeviceIsNotTrusted() throws Exception {
    ServerKey old = Made.of("thermo1").by(root).valid(BEGIN, NOW.minusSeconds(1)).make();

    assertFalse(trusted(old.chain()));
  }

  @Test
  void thePurposeIsHonouredWhereItIsSaid() throws Exception {
    assertTrue(trusted(purposes(false, Made.FOR_CLIENTS)));
    assertTrue(trusted(purposes(true, Made.FOR_SERVERS, Made.FOR_CLIENTS)));
    assertTrue(trusted(purposes(false, "2.5.29.37.0")), "any purpose");
    assertFalse(trusted(purposes(false, Made.FOR_SERVERS)));
    assertFalse(trusted(purposes(true, "1.3.6.1.5.5.7.3.8")), "time stamps");
  }

  private List<X509Certificate> purposes(boolean critical, String... ids) {
    return Made.of("thermo1").by(root).valid(BEGIN, END).purposes(critical, ids).make().chain();
  }

  @Test
  void whatIsNoAuthorityIsRefusedAsOne() {
    IOException e = assertThrows(IOException.class, () -> trusting(device));

    assertEquals(
        "client authority "
            + folder.resolve("0.pem")
            + ": CN=thermo1 is no authority: it may not sign certificates",
        e.getMessage());
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    IOException e =
        assertThrows(
            IOException.class, () -> ClientAuthorities.read(List.of(folder.resolve("no.pem"))));

    assertEquals("client authority " + folder.resolve("no.pem") + ": no such file", e.getMessage());
  }
}
