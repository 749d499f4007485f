package io.gantry.security.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderVaultTest {

  private static final byte[] SECRET = "a key of thermo1".getBytes(UTF_8);
  private static final String PURPOSE = "identity/thermo1";

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void setUp() {
    folder = temporary.resolve("data").resolve("security");
  }

  private FolderVault vault() throws IOException {
    return new FolderVault(folder);
  }

  private Path key() {
    return folder.resolve("vault.key");
  }

  private Path marker() {
    return folder.resolve("vault.id");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16, 100_000})
  void whatWasSealedIsOpenedAgainAlsoAfterARestart(int length) throws Exception {
    byte[] content = new byte[length];
    Arrays.fill(content, (byte) 7);
    byte[] sealed = vault().seal(PURPOSE, content);

    assertArrayEquals(content, vault().open(PURPOSE, sealed));
  }

  @Test
  void sealedContentNeitherShowsNorRepeatsItself() throws Exception {
    FolderVault vault = vault();
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      byte[] sealed = vault.seal(PURPOSE, SECRET);
      assertFalse(new String(sealed, UTF_8).contains("thermo1"));
      assertEquals(SECRET.length + 37, sealed.length);
      // The nonce: two of a kind would give the key away.
      all.add(Arrays.toString(Arrays.copyOfRange(sealed, 9, 21)));
    }
    assertEquals(100, all.size());
  }

  /** Every byte counts: format, key, nonce, text and tag. */
  @Test
  void aChangeOfAnyBitIsNoticed() throws Exception {
    FolderVault vault = vault();
    byte[] sealed = vault.seal(PURPOSE, SECRET);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(GeneralSecurityException.class, () -> vault.open(PURPOSE, changed));
    }
  }

  @Test
  void aPieceOfSealedContentIsNotOpened() throws Exception {
    FolderVault vault = vault();
    byte[] sealed = vault.seal(PURPOSE, SECRET);
    for (int length = 0; length < sealed.length; length++) {
      byte[] piece = Arrays.copyOf(sealed, length);
      assertThrows(GeneralSecurityException.class, () -> vault.open(PURPOSE, piece));
    }
  }

  @Test
  void whatWasSealedForOnePurposeIsNotOpenedForAnother() throws Exception {
    FolderVault vault = vault();
    byte[] sealed = vault.seal(PURPOSE, SECRET);

    GeneralSecurityException e =
        assertThrows(GeneralSecurityException.class, () -> vault.open("identity/thermo2", sealed));

    assertTrue(e.getMessage().contains("another purpose"), e.getMessage());
  }

  @Test
  void whatAnotherGatewaySealedIsRecognisedAsSuch() throws Exception {
    byte[] sealed = new FolderVault(temporary.resolve("other")).seal(PURPOSE, SECRET);

    GeneralSecurityException e =
        assertThrows(GeneralSecurityException.class, () -> vault().open(PURPOSE, sealed));

    assertTrue(e.getMessage().contains("another gateway sealed it"), e.getMessage());
  }

  /**
   * The folder and its marker are gone, the sealed content is elsewhere: said when it is opened.
   */
  @Test
  void whatALostKeySealedIsNotTakenForDamage() throws Exception {
    byte[] sealed = vault().seal(PURPOSE, SECRET);
    Files.delete(key());
    Files.delete(marker());

    GeneralSecurityException e =
        assertThrows(GeneralSecurityException.class, () -> vault().open(PURPOSE, sealed));

    assertTrue(e.getMessage().contains("the key was replaced"), e.getMessage());
  }

  @Test
  void onlyTheOwnerMayReadTheKey() throws Exception {
    vault();

    assertEquals("rwx------", permissions(folder));
    assertEquals("rw-------", permissions(key()));
    assertEquals(Set.of("vault.id", "vault.key"), names());
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void rightsOfOthersAreTakenAway() throws Exception {
    vault();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-r--r--"));

    vault();

    assertEquals("rwx------", permissions(folder));
    assertEquals("rw-------", permissions(key()));
  }

  @Test
  void aMissingKeyIsNotReplacedByANewOne() throws Exception {
    vault();
    Files.delete(key());

    IOException e = assertThrows(IOException.class, this::vault);

    assertTrue(e.getMessage().contains("vault.key is missing"), e.getMessage());
    assertEquals(Set.of("vault.id"), names());
  }

  @Test
  void aDamagedKeyIsNotUsedAndNotReplaced() throws Exception {
    vault();
    byte[] good = Files.readAllBytes(key());
    List<byte[]> damaged =
        List.of(
            new byte[0],
            Arrays.copyOf(good, good.length / 2),
            changed(good, 0),
            changed(good, good.length / 2),
            changed(good, good.length - 2));
    for (byte[] bytes : damaged) {
      Files.write(key(), bytes);

      IOException e = assertThrows(IOException.class, this::vault);

      assertTrue(e.getMessage().contains("vault.key is damaged"), e.getMessage());
      assertArrayEquals(bytes, Files.readAllBytes(key()));
    }
  }

  private static byte[] changed(byte[] bytes, int index) {
    byte[] changed = bytes.clone();
    changed[index] = (byte) (changed[index] == 'b' ? 'c' : 'b');
    return changed;
  }

  @Test
  void aKeyThatWasReplacedIsNotUsed() throws Exception {
    vault();
    new FolderVault(temporary.resolve("other"));
    Files.copy(
        temporary.resolve("other").resolve("vault.key"),
        key(),
        StandardCopyOption.REPLACE_EXISTING);

    IOException e = assertThrows(IOException.class, this::vault);

    assertTrue(e.getMessage().contains("it was replaced"), e.getMessage());
  }

  /** A power cut between the two files of the first start. */
  @Test
  void aKeyWithoutItsMarkerGetsOne() throws Exception {
    byte[] sealed = vault().seal(PURPOSE, SECRET);
    Files.delete(marker());

    assertArrayEquals(SECRET, vault().open(PURPOSE, sealed));
    assertTrue(Files.exists(marker()));
  }

  /** A power cut in the middle of writing the first file. */
  @Test
  void whatAnInterruptedFirstStartLeftIsNoHindrance() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("vault.key.tmp"), "gantry va");

    byte[] sealed = vault().seal(PURPOSE, SECRET);

    assertArrayEquals(SECRET, vault().open(PURPOSE, sealed));
    assertEquals(Set.of("vault.id", "vault.key"), names());
  }
}
