package io.gantry.api.module;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names the module input that a {@link MessageHandler} or {@link AsyncMessageHandler} component
 * takes its messages from: {@code @Component @Input("in1")}. Sets the service property {@link
 * #PROPERTY}; a handler registered by hand sets that property itself.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Input {

  /** The service property that holds the input's name. */
  String PROPERTY = "gantry.input";

  /** Prefix of the property, see the Declarative Services specification, 112.8.2.1. */
  String PREFIX_ = "gantry.";

  /** The input's name, as in {@code BrokeredEndpoint("/modules/{module}/inputs/{input}")}. */
  String value();
}
