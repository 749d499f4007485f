package io.gantry.itest.flow.deployed;

import io.gantry.api.module.MethodHandler;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import java.util.Map;
import org.osgi.framework.FrameworkUtil;

/** A module that says by a direct method what it was made of, as it sees it itself. */
public class StateModule implements MethodHandler {

  /** The variable of its environment that it tells. */
  public static final String TAG = "TAG";

  /** What an answer holds for a module that shares nothing. */
  public static final String ALONE = "alone";

  private final String state;

  /** With the settings that are visible to it. */
  public StateModule(Map<String, Object> settings) {
    this(settings, ALONE);
  }

  StateModule(Map<String, Object> settings, String library) {
    String version = FrameworkUtil.getBundle(getClass()).getVersion().toString();
    state = state(version, String.valueOf(settings.get(TAG)), library);
  }

  /** What it answers. */
  public static String state(String version, String tag, String library) {
    return version + " " + tag + " " + library;
  }

  @Override
  public MethodResponse onMethod(MethodRequest request) {
    return new MethodResponse(200, "\"" + state + "\"");
  }
}
