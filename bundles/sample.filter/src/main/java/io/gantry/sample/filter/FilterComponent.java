package io.gantry.sample.filter;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import io.gantry.api.message.Message;
import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.Input;
import io.gantry.api.module.MessageRejectedException;
import io.gantry.api.module.ModuleClient;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Takes messages from {@code input1} and passes those on to {@code output1} whose temperature is
 * above the threshold. The threshold comes from the environment variable {@code
 * TemperatureThreshold}, before that from {@code threshold} in the configuration {@code
 * io.gantry.sample.filter}, and before both from the module's twin: see {@link DesiredThreshold}.
 */
@Component(configurationPid = {"io.gantry.module", "io.gantry.sample.filter"})
@Input("input1")
public final class FilterComponent implements AsyncMessageHandler {

  private static final String OUTPUT = "output1";

  private final ModuleClient client;
  private final DesiredThreshold desired;
  private final double threshold;

  @Activate
  public FilterComponent(
      @Reference ModuleClient client,
      @Reference DesiredThreshold desired,
      Map<String, Object> settings) {
    this.client = client;
    this.desired = desired;
    Object environment = settings.getOrDefault("TemperatureThreshold", "25");
    this.threshold = Double.parseDouble(settings.getOrDefault("threshold", environment).toString());
  }

  /** The stage of the sending is our answer: the message is kept until its successor is stored. */
  @Override
  public CompletionStage<?> onMessage(Message message) throws MessageRejectedException {
    OptionalDouble temperature = temperature(message);
    if (temperature.isPresent() && temperature.getAsDouble() > desired.orElse(threshold)) {
      return client.send(OUTPUT, message.withProperty("MessageType", "Alert"));
    }
    return CompletableFuture.completedFuture(null);
  }

  /** The simulated sensor has it in {@code machine.temperature}, simple devices at the top. */
  private static OptionalDouble temperature(Message message) throws MessageRejectedException {
    try {
      JsonElement body = JsonParser.parseString(message.body().asText());
      if (!(body instanceof JsonObject json)) {
        return OptionalDouble.empty();
      }
      JsonElement holder = json.has("machine") ? json.get("machine") : json;
      JsonElement value = holder instanceof JsonObject object ? object.get("temperature") : null;
      return value != null && value.isJsonPrimitive()
          ? OptionalDouble.of(value.getAsDouble())
          : OptionalDouble.empty();
    } catch (JsonSyntaxException | NumberFormatException e) {
      throw new MessageRejectedException("the body is not JSON with a temperature", e);
    }
  }
}
