package io.gantry.security.tls;

import io.gantry.security.pem.ServerKey;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Gives every handshake the newest key, whatever name the client asks for or does not ask for. A
 * handshake first chooses an alias and then asks for what it stands for, so the former key can be
 * had, too: a renewal in between must not mix the two.
 */
final class NewestKeyManager extends X509ExtendedKeyManager {

  private record Numbered(String alias, ServerKey key) {}

  private record Keys(int number, Numbered newest, Numbered former) {

    Keys followedBy(ServerKey key) {
      return new Keys(number + 1, new Numbered(Integer.toString(number + 1), key), newest);
    }
  }

  private final AtomicReference<Keys> keys;

  NewestKeyManager(ServerKey first) {
    Numbered numbered = new Numbered("0", first);
    keys = new AtomicReference<>(new Keys(0, numbered, numbered));
  }

  void use(ServerKey key) {
    keys.updateAndGet(former -> former.followedBy(key));
  }

  ServerKey newest() {
    return keys.get().newest.key;
  }

  private @Nullable ServerKey key(@Nullable String alias) {
    Keys now = keys.get();
    if (now.newest.alias.equals(alias)) {
      return now.newest.key;
    }
    return now.former.alias.equals(alias) ? now.former.key : null;
  }

  private @Nullable String choose(String keyType) {
    Numbered newest = keys.get().newest;
    return newest.key.key().getAlgorithm().equals(keyType) ? newest.alias : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return choose(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = choose(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    ServerKey key = key(alias);
    return key == null ? null : key.chain().toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    ServerKey key = key(alias);
    return key == null ? null : key.key();
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }
}
