package io.gantry.mqtt.broker;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What is known of the other end of a connection. */
final class Peer {

  private Peer() {}

  /** What the client showed in its TLS handshake; empty when nothing, or without TLS. */
  static List<X509Certificate> certificates(Channel channel) {
    if (channel instanceof StreamChannel stream) {
      return stream.certificates();
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return List.of();
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : tls.engine().getSession().getPeerCertificates()) {
        chain.add((X509Certificate) each);
      }
      return chain;
    } catch (SSLPeerUnverifiedException nothingShown) {
      return List.of();
    }
  }

  /** Where it is. */
  static InetAddress address(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress socket
        ? socket.getAddress()
        : InetAddress.getLoopbackAddress();
  }
}
