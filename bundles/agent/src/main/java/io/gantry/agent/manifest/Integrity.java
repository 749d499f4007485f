package io.gantry.agent.manifest;

/** The signature of a manifest. Its form is checked; nothing here could verify what it says. */
final class Integrity {

  private Integrity() {}

  static void check(Node integrity) {
    if (!integrity.objectIfPresent()) {
      return;
    }
    Node header = integrity.child("header");
    if (header.requireObject()) {
      pieces(header.child("signercert"), true);
      pieces(header.child("intermediatecacert"), false);
    }
    Node signature = integrity.child("signature");
    if (signature.requireObject()) {
      signature.child("bytes").requiredText();
      signature.child("algorithm").requiredText();
    }
    integrity.warn(
        "is not verified, this runtime has no manifest trust bundle to verify a signature with");
  }

  /** A certificate in base64, cut because a twin's values are bounded. */
  private static void pieces(Node certificate, boolean isRequired) {
    if (certificate.isAbsent() && !isRequired) {
      return;
    }
    if (certificate.elements().isEmpty()) {
      certificate.refuse("a list of texts");
    }
    certificate.elements().forEach(Node::requiredText);
  }
}
