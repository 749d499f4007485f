package io.gantry.agent.client.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.client.FakeAgent;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class AgentLinkTest {

  private static final String IN = "gateway/$edgeAgent";
  private static final String METHODS = "+METHODS";

  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final ManualThreads.ManualSerial executor = threads.serial("agent client");
  private final CompletionStage<MethodResponse> answer = new CompletableFuture<>();
  private final AgentLink link =
      new AgentLink(executor, time, time, new Reporter(executor, time), request -> answer);
  private final FakeHub hub = new FakeHub();
  private final FakeAgent agent = new FakeAgent();

  private static JsonObject json(String text) {
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }

  private void run() {
    executor.run();
  }

  private void pass(Duration duration) {
    run();
    // In steps: what a timer leaves for the executor is run at its time.
    for (long i = 0; i < duration.toMillis(); i += 250) {
      time.advance(Duration.ofMillis(250));
      run();
    }
  }

  private void second() {
    pass(Duration.ofSeconds(1));
  }

  private AutoCloseable bothCame() {
    link.hubCame(hub);
    AutoCloseable listening = link.agentCame(agent);
    run();
    return listening;
  }

  @Test
  void theAgentConnectsAndAnswersMethods() {
    link.hubCame(hub);
    run();
    assertEquals(List.of(IN, METHODS), hub.events);
    assertSame(answer, hub.session().invoke(new MethodRequest("ping", "null")));
  }

  @Test
  void whatTheAgentReportsIsInTheTwinWhicheverOfThemComesFirst() {
    agent.report("{'a':1}");
    link.agentCame(agent);
    run();
    link.hubCame(hub);
    run();
    assertEquals(List.of("{'a':1}"), hub.newPatches());

    FakeHub other = new FakeHub();
    AgentLink second =
        new AgentLink(executor, time, time, new Reporter(executor, time), request -> answer);
    second.hubCame(other);
    run();
    second.agentCame(agent);
    run();
    assertEquals(List.of("{'a':1}"), other.newPatches());
  }

  @Test
  void onlyTheDifferenceIsSentAndNothingWhenThereIsNone() {
    agent.report("{'a':1,'b':2}");
    bothCame();
    second();
    hub.newPatches();
    agent.report("{'a':1,'c':3}");
    run();
    assertEquals(List.of("{'b':null,'c':3}"), hub.newPatches());
    second();
    agent.report("{'a':1,'c':3}");
    pass(Duration.ofMinutes(2));
    assertEquals(List.of(), hub.newPatches());
  }

  @Test
  void whatSomebodyElseHasLeftInTheTwinGoes() {
    hub.reported = json("{'a':1,'modules':{'old':{'runtimeStatus':'running'},'m':{'x':1}}}");
    agent.report("{'a':1,'modules':{'m':{'x':1}}}");
    bothCame();
    assertEquals(List.of("{'modules':{'old':null}}"), hub.newPatches());
    assertEquals(json(agent.reported), hub.reported);
  }

  @Test
  void changesWithinASecondAreOnePatch() {
    agent.report("{'a':1}");
    bothCame();
    for (int i = 2; i < 10; i++) {
      agent.report("{'a':" + i + "}");
      run();
    }
    assertEquals(List.of("{'a':1}"), hub.newPatches());
    second();
    assertEquals(List.of("{'a':9}"), hub.newPatches());
  }

  @Test
  void onePatchIsUnderWayAtATime() {
    hub.hold = true;
    agent.report("{'a':1}");
    bothCame();
    hub.release();
    run();
    assertEquals(List.of("{'a':1}"), hub.newPatches());
    agent.report("{'a':2}");
    pass(Duration.ofSeconds(20));
    assertEquals(List.of(), hub.newPatches());
    hub.release();
    run();
    assertEquals(List.of("{'a':2}"), hub.newPatches());
  }

  @Test
  void whatWasNotAcknowledgedIsComparedAnewAtTheNextConnection() {
    agent.report("{'a':1}");
    bothCame();
    second();
    hub.newPatches();
    hub.hold = true;
    agent.report("{'a':2}");
    run();
    // It came to the hub, but its answer does not come back.
    assertEquals(List.of("{'a':2}"), hub.newPatches());
    hub.hold = false;
    hub.end(CloseReason.SHUTDOWN);
    second();
    assertEquals(List.of(), hub.newPatches());
    agent.report("{'a':3}");
    second();
    assertEquals(List.of("{'a':3}"), hub.newPatches());
  }

  @Test
  void whatChangesWhileTheHubIsAwayIsReportedWhenAnotherOneComes() {
    agent.report("{'a':1}");
    bothCame();
    link.hubGone(hub);
    run();
    assertEquals("closed", hub.events.get(hub.events.size() - 1));
    agent.report("{'a':2}");
    pass(Duration.ofMinutes(1));
    FakeHub other = new FakeHub();
    other.reported = json("{'a':1}");
    link.hubCame(other);
    run();
    assertEquals(List.of("{'a':2}"), other.newPatches());
  }

  @Test
  void whenTheAgentGoesItsStateIsUnknownAtOnce() throws Exception {
    agent.report("{'lastDesiredStatus':{'code':200},'modules':{'m':{'runtimeStatus':'running'}}}");
    AutoCloseable listening = bothCame();
    hub.newPatches();
    listening.close();
    run();
    assertEquals(
        json(
            "{'lastDesiredStatus':{'code':406,'description':'Agent is not running'},"
                + "'modules':{'m':{'runtimeStatus':'unknown'}}}"),
        hub.reported);
    assertEquals(0, agent.listeners());
    FakeAgent next = new FakeAgent();
    next.report("{'lastDesiredStatus':{'code':200},'modules':{'m':{'runtimeStatus':'running'}}}");
    link.agentCame(next);
    second();
    assertEquals(json(next.reported), hub.reported);
  }

  @Test
  void anAgentThatHasNotComeYetChangesNothing() {
    hub.reported = json("{'modules':{'m':{'runtimeStatus':'running'}}}");
    link.hubCame(hub);
    pass(Duration.ofSeconds(10));
    assertEquals(List.of(), hub.newPatches());
  }

  @Test
  void whatTheHubRefusesIsNotSentAgainUntilItChanges() {
    hub.reportFailure = new RequestException(400, "too large");
    agent.report("{'a':1}");
    bothCame();
    pass(Duration.ofMinutes(5));
    assertEquals(List.of("{'a':1}"), hub.newPatches());
    hub.reportFailure = null;
    agent.report("{'a':2}");
    run();
    assertEquals(List.of("{'a':2}"), hub.newPatches());
  }

  /** What was too large for one may not be for another, or for the same with other settings. */
  @Test
  void whatOneHubHasRefusedIsSentToTheNext() {
    hub.reportFailure = new RequestException(400, "too large");
    agent.report("{'a':1}");
    bothCame();
    second();
    assertEquals(List.of("{'a':1}"), hub.newPatches());
    link.hubGone(hub);
    FakeHub other = new FakeHub();
    link.hubCame(other);
    pass(Duration.ofMinutes(1));
    assertEquals(List.of("{'a':1}"), other.newPatches());
  }

  @Test
  void whatTheHubCannotTakeNowIsSentAgainLater() {
    hub.reportFailure = new RequestException(503, "the store is full");
    agent.report("{'a':1}");
    bothCame();
    pass(Duration.ofMinutes(2));
    int tries = hub.newPatches().size();
    assertEquals(8, tries);
    hub.reportFailure = null;
    pass(Duration.ofSeconds(30));
    assertEquals(List.of("{'a':1}"), hub.newPatches());
  }

  @Test
  void aTwinThatCannotBeReadIsTriedAgain() throws Exception {
    hub.twinFailure = new RequestException(404, "no such identity");
    agent.report("{'a':1}");
    AutoCloseable listening = bothCame();
    pass(Duration.ofSeconds(10));
    listening.close();
    pass(Duration.ofSeconds(10));
    assertEquals(List.of(), hub.newPatches());
    hub.twinFailure = null;
    link.agentCame(agent);
    pass(Duration.ofSeconds(30));
    assertEquals(List.of("{'a':1}"), hub.newPatches());
  }

  @Test
  void anAgentWhoseStateCannotBeToldHasTheStatus500() {
    agent.report("{'a':1}");
    bothCame();
    second();
    hub.newPatches();
    agent.report("no JSON");
    run();
    assertEquals(
        List.of(
            "{'lastDesiredStatus':{'code':500,"
                + "'description':'The state of the agent cannot be told'}}"),
        hub.newPatches());
  }

  @Test
  void anAgentThatEndsInAnErrorHasTheStatus500Too() {
    agent.report("{'a':1}");
    bothCame();
    second();
    hub.newPatches();
    agent.unlinked = true;
    agent.report("{'a':2}");
    run();
    assertEquals(1, hub.newPatches().size());
    assertEquals(500, hub.reported.getAsJsonObject("lastDesiredStatus").get("code").getAsInt());
  }

  @Test
  void aConnectionThatEndsIsOpenedAgainLaterAndLater() {
    link.hubCame(hub);
    run();
    hub.events.clear();
    hub.refusal = new ConnectionRefusedException("no such identity", false);
    hub.end(CloseReason.REVOKED);
    pass(Duration.ofMinutes(3));
    // After 1, 2, 4, 8, 16 and then each 30 s.
    assertEquals(9, hub.events.size());
    hub.refusal = null;
    pass(Duration.ofSeconds(30));
    assertEquals(
        List.of(IN, METHODS), hub.events.subList(hub.events.size() - 2, hub.events.size()));
  }

  @Test
  void aHubThatThrowsAnErrorIsTriedAgain() {
    hub.unlinked = true;
    link.hubCame(hub);
    pass(Duration.ofSeconds(3));
    hub.unlinked = false;
    pass(Duration.ofSeconds(30));
    assertEquals(List.of(IN, METHODS), hub.events);
  }

  @Test
  void aHubThatComesIsTriedAtOnce() {
    hub.refusal = new ConnectionRefusedException("not ready", true);
    link.hubCame(hub);
    pass(Duration.ofMinutes(3));
    FakeHub other = new FakeHub();
    link.hubCame(other);
    run();
    assertEquals(List.of(IN, METHODS), other.events);
  }

  @Test
  void afterTheEndNothingIsConnected() {
    bothCame();
    link.close();
    run();
    hub.events.clear();
    pass(Duration.ofMinutes(1));
    link.hubCame(hub);
    pass(Duration.ofMinutes(1));
    assertEquals(List.of(), hub.events);
  }
}
