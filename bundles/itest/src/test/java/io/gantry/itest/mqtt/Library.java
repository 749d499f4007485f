package io.gantry.itest.mqtt;

/** Who wrote the client. */
enum Library {
  PAHO {
    @Override
    ThirdPartyClient client(Target target, String identity, String clientId) throws Exception {
      return new PahoThirdParty(target, identity, clientId);
    }
  },
  HIVE {
    @Override
    ThirdPartyClient client(Target target, String identity, String clientId) {
      return new HiveThirdParty(target, identity, clientId);
    }
  };

  /** A client that is not connected yet; its client id may be another name. */
  abstract ThirdPartyClient client(Target target, String identity, String clientId)
      throws Exception;

  /** A client that is not connected yet. */
  ThirdPartyClient client(Target target, String identity) throws Exception {
    return client(target, identity, identity);
  }

  /** Somebody else. */
  Library other() {
    return this == PAHO ? HIVE : PAHO;
  }
}
