package io.gantry.itest.mqtt;

/** Who wrote the client. */
enum Library {
  PAHO {
    @Override
    ThirdPartyClient client(int port, String clientId) throws Exception {
      return new PahoThirdParty(port, clientId);
    }
  },
  HIVE {
    @Override
    ThirdPartyClient client(int port, String clientId) {
      return new HiveThirdParty(port, clientId);
    }
  };

  /** A client that is not connected yet. */
  abstract ThirdPartyClient client(int port, String clientId) throws Exception;

  /** A client that is connected and forgets its session. */
  ThirdPartyClient connect(int port, String clientId) throws Exception {
    ThirdPartyClient client = client(port, clientId);
    client.connect(true);
    return client;
  }

  /** Somebody else. */
  Library other() {
    return this == PAHO ? HIVE : PAHO;
  }
}
