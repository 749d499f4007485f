package io.gantry.itest.mqtt;

/** A message as a client got it. */
record Arrived(String topic, String body, int qos, boolean retained) {}
