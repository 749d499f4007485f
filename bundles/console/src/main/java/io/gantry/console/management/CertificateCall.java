package io.gantry.console.management;

import com.google.gson.JsonObject;
import io.gantry.console.status.CertificateFacts;
import io.gantry.console.status.Gateway;
import io.gantry.spi.security.Certificates;
import java.io.IOException;
import java.security.cert.X509Certificate;

/** {@code /v1/certificate}: what this gateway shows to its clients. */
final class CertificateCall {

  private final Gateway gateway;

  CertificateCall(Gateway gateway) {
    this.gateway = gateway;
  }

  private Certificates certificates() throws ApiException {
    return gateway
        .certificates()
        .orElseThrow(() -> new ApiException(503, "certificates are not there: see status"));
  }

  /** Names, issuers, validity, fingerprints. */
  void show(Call call) throws IOException, ApiException {
    answer(call, certificates());
  }

  private static void answer(Call call, Certificates certificates) throws IOException {
    call.answer(200, CertificateFacts.json(certificates), CertificateFacts.text(certificates));
  }

  /** The certificate that clients have to trust, in PEM. */
  void authority(Call call) throws IOException, ApiException {
    X509Certificate authority =
        certificates()
            .authority()
            .orElseThrow(
                () ->
                    new ApiException(
                        404, "the certificate of the authority was not given to this gateway"));
    String pem = CertificateFacts.pem(authority);
    JsonObject json = new JsonObject();
    json.addProperty("certificate", pem);
    call.answer(200, json + "\n", pem);
  }

  /** Makes a new one, or reads that of the operator again. */
  void renew(Call call) throws IOException, ApiException {
    Certificates certificates = certificates();
    try {
      certificates.renew();
    } catch (IOException e) {
      throw new ApiException(500, "the former certificate stays: " + e.getMessage());
    }
    answer(call, certificates);
  }
}
