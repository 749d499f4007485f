package io.gantry.console;

import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.web.StatusPage;
import jakarta.servlet.Servlet;
import java.time.InstantSource;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The page "Gantry" of the Web Console. */
@Component(
    service = Servlet.class,
    property = {
      ServletConstants.PLUGIN_LABEL + "=" + StatusPage.LABEL,
      ServletConstants.PLUGIN_TITLE + "=Gantry",
      ServletConstants.PLUGIN_CATEGORY + "=Main"
    })
public final class PageComponent extends StatusPage {

  private static final long serialVersionUID = 1L;

  /** Made by Declarative Services. */
  @Activate
  public PageComponent(
      BundleContext context, @Reference Gateway gateway, @Reference InstantSource time) {
    super(gateway, new ProcessFacts(context.getBundle().getVersion().toString(), time));
  }
}
