package io.gantry.console;

/** Configuration of Felix HTTP: read, so that the status can say which port is in use. */
@interface HttpConfig {

  /** Its PID. */
  String PID = "org.apache.felix.http";

  /** Where the web server listens. */
  String org_apache_felix_http_host() default "127.0.0.1";

  /** The port of the web server; 0 for any. */
  int org_osgi_service_http_port() default 8080;
}
