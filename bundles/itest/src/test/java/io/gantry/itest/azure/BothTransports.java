package io.gantry.itest.azure;

import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test that holds over MQTT and over MQTT in a WebSocket alike. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@EnumSource(
    value = IotHubClientProtocol.class,
    names = {"MQTT", "MQTT_WS"})
@interface BothTransports {}
