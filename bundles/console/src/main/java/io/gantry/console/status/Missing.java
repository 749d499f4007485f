package io.gantry.console.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parts of the runtime that are not there now, by the names operators know. */
final class Missing {

  private Missing() {}

  static List<String> of(Gateway gateway) {
    List<String> missing = new ArrayList<>();
    check(missing, "store", gateway.store());
    check(missing, "routing", gateway.routes());
    check(missing, "hub", gateway.hub());
    check(missing, "event log", gateway.events());
    check(missing, "agent", gateway.deployments());
    check(missing, "drop counts", gateway.drops());
    check(missing, "certificates", gateway.certificates());
    check(missing, "identity registry", gateway.identities());
    check(missing, "twins", gateway.twins());
    check(missing, "direct methods", gateway.methods());
    check(missing, "cloud-to-device messages", gateway.deviceMessages());
    check(missing, "module logs", gateway.logs());
    check(missing, "module repositories", gateway.repositories());
    return missing;
  }

  private static void check(List<String> missing, String name, Optional<?> service) {
    if (service.isEmpty()) {
      missing.add(name);
    }
  }
}
