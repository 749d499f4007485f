package io.gantry.api.module;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names the direct methods that a {@link MethodHandler} component answers:
 * {@code @Component @Method("reset")}. Sets the service property {@link #PROPERTY}; a handler
 * registered by hand sets that property itself.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Method {

  /** The service property that holds the names. */
  String PROPERTY = "gantry.method";

  /** Prefix of the property, see the Declarative Services specification, 112.8.2.1. */
  String PREFIX_ = "gantry.";

  /** Names of methods; compared without case. */
  String[] value();
}
