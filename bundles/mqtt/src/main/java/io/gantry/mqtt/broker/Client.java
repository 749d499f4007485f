package io.gantry.mqtt.broker;

import io.gantry.api.message.Payload;
import io.gantry.mqtt.session.HubClient;
import io.gantry.mqtt.session.Telemetry;
import io.gantry.mqtt.session.Wire;
import io.gantry.mqtt.topic.ClientRights;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.MalformedBagException;
import io.gantry.mqtt.topic.TopicRules;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, from its CONNECT to its end. Decides for each packet whether it is the hub's,
 * Moquette's, or a reason to close. Used on the event loop only.
 */
final class Client implements Wire, FreePublishing.Owner, Inlet.Owner, Outbox.Link {

  private static final Logger LOG = LoggerFactory.getLogger(Client.class);

  private final Broker broker;
  private final ChannelHandlerContext ctx;
  private final boolean local;
  private final Runnable flushLater;
  private final Inlet inlet = new Inlet(this);
  private final Set<Holder> heldBy = new LinkedHashSet<>();
  private @Nullable SubscribePlan asking;
  private final FreePublishing topics;
  private @Nullable MqttMessage answer;
  private BitSet owed = new BitSet();
  private String clientId = "";
  private @Nullable SessionState state;
  private @Nullable HubClient hub;
  private @Nullable Will will;
  private ClientRights rights = ClientRights.ALL;
  private Cancellable expiry = () -> {};
  private boolean loggingIn;
  private boolean ended;
  private boolean leaving;

  /**
   * @param local whether it came in by the door for this machine only
   */
  Client(Broker broker, ChannelHandlerContext ctx, boolean local, Runnable flushLater) {
    this.broker = broker;
    this.ctx = ctx;
    this.local = local;
    this.flushLater = flushLater;
    topics = new FreePublishing(broker, this);
  }

  Inlet inlet() {
    return inlet;
  }

  /** Whether it has logged in and not ended. */
  boolean isOpen() {
    return state != null && !ended;
  }

  boolean hasLoggedIn() {
    return state != null;
  }

  @Override
  public SessionState state() {
    if (state == null) {
      throw new IllegalStateException("a packet before CONNECT was let through");
    }
    return state;
  }

  @Override
  public void handle(MqttMessage packet) {
    boolean passedOn = false;
    try {
      if (ended) {
        return;
      }
      passedOn = state == null ? first(packet) : next(packet);
    } finally {
      if (!passedOn) {
        ReferenceCountUtil.release(packet);
      }
    }
  }

  private boolean first(MqttMessage packet) {
    if (packet instanceof MqttConnectMessage connect) {
      connect(connect);
    } else {
      refuse(DropReason.REFUSED, "first packet: expected CONNECT, found " + type(packet));
    }
    return false;
  }

  /** Handles a packet; true when it was passed on, which hands it over. */
  private boolean next(MqttMessage packet) {
    switch (packet.fixedHeader().messageType()) {
      case PUBLISH:
        return publish((MqttPublishMessage) packet);
      case SUBSCRIBE:
        subscribe((MqttSubscribeMessage) packet);
        return false;
      case UNSUBSCRIBE:
        unsubscribe((MqttUnsubscribeMessage) packet);
        return false;
      case PUBACK:
      case PUBCOMP:
        return acknowledged(packet);
      case PUBREC:
        return received(packet);
      case PUBREL:
        state().unreleased.clear(packetId(packet));
        pass(packet);
        inlet.resume();
        return true;
      case PINGREQ:
        pass(packet);
        return true;
      case DISCONNECT:
        will = null;
        finish();
        pass(packet);
        ctx.close();
        return true;
      default:
        refuse(DropReason.REFUSED, "a client may not send this now: " + type(packet));
        return false;
    }
  }

  private static String type(MqttMessage packet) {
    return packet.fixedHeader().messageType().name();
  }

  private static int packetId(MqttMessage packet) {
    return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
  }

  private void pass(MqttMessage packet) {
    ctx.fireChannelRead(packet);
  }

  // --- login

  private void connect(MqttConnectMessage packet) {
    Login login;
    try {
      login = Login.of(packet);
    } catch (LoginRefusedException refused) {
      answer(refused.code(), refused.text());
      return;
    }
    clientId = login.clientId();
    if (login.will().isPresent() && login.will().get().isUnknown()) {
      refuse(
          DropReason.UNKNOWN_TOPIC, "will on a topic under a reserved prefix that has no meaning");
      return;
    }
    loggingIn = true;
    CompletableFuture<Admission> admission =
        broker
            .entrance()
            .admit(login, Peer.certificates(ctx.channel()), Peer.address(ctx.channel()), local)
            .toCompletableFuture();
    if (admission.isDone()) {
      admitted(login, admission.join());
    } else {
      admission.thenAcceptAsync(outcome -> admitted(login, outcome), ctx.executor());
    }
  }

  private void admitted(Login login, Admission outcome) {
    loggingIn = false;
    if (ended) {
      return;
    }
    if (outcome instanceof Admission.Refusal refusal) {
      answer(refusal.code(), refusal.text());
      return;
    }
    Admission.Welcome welcome = (Admission.Welcome) outcome;
    rights = welcome.rights();
    if (login.will().filter(last -> !last.isPermitted(rights)).isPresent()) {
      answer(
          MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
          "the will's topic is none that it may publish on");
      return;
    }
    enter(login, welcome);
    inlet.resume();
  }

  private void enter(Login login, Admission.Welcome welcome) {
    broker.enter(clientId, this);
    boolean isNew = !broker.sessions().state(clientId).persistent;
    if (login.clean() || isNew) {
      broker.forget(clientId);
    }
    SessionState session = broker.sessions().state(clientId);
    broker.sessions().begin(session, !login.clean());
    dropForbidden(session);
    will = login.will().orElse(null);
    boolean speaksToHub = welcome.known() || login.azure() || !session.hubFilters.isEmpty();
    if (speaksToHub && !enterHub()) {
      will = null;
      if (login.clean() || isNew) {
        broker.forget(clientId);
      }
      return;
    }
    expiry =
        broker
            .entrance()
            .at(welcome.until(), () -> execute(() -> close("what it showed is good no longer")));
    accept(login, session);
  }

  /** The rules may have changed since it subscribed. */
  private void dropForbidden(SessionState session) {
    List<String> forbidden =
        session.filters.keySet().stream().filter(filter -> !rights.maySubscribe(filter)).toList();
    broker.wiring().unsubscribe(clientId, forbidden);
  }

  private boolean enterHub() {
    try {
      openHub();
      return true;
    } catch (ConnectionRefusedException refused) {
      answer(
          refused.temporary()
              ? MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE
              : MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
          String.valueOf(refused.getMessage()));
      return false;
    }
  }

  private void accept(Login login, SessionState session) {
    state = session;
    session.backlog().online(inlet::update);
    owed = (BitSet) session.inFlight.clone();
    continuePacketIds();
    pass(login.forMoquette());
    session.online(this);
    if (hub != null) {
      session.hubFilters.forEach(hub::subscribe);
    }
  }

  /** Refuses a login and closes. */
  private void answer(MqttConnectReturnCode code, String reason) {
    LOG.info("client '{}' at {} is not let in, {}: {}", clientId, remote(), code, reason);
    ended = true;
    inlet.close();
    ctx.writeAndFlush(Packets.refusal(code)).addListener(ChannelFutureListener.CLOSE);
  }

  private HubClient openHub() throws ConnectionRefusedException {
    if (hub == null) {
      Identity identity =
          HubTopic.identity(clientId)
              .orElseThrow(
                  () ->
                      new ConnectionRefusedException(
                          "client id: expected device or device/module of an identity", false));
      ClientGateway gateway =
          broker
              .gateway()
              .orElseThrow(() -> new ConnectionRefusedException("the hub is not there yet", true));
      hub = new HubClient(identity, gateway, this, broker.drops());
    }
    return hub;
  }

  /** The client speaks to the hub; empty when the connection had to be closed instead. */
  private Optional<HubClient> hubFor(String identity) {
    if (!identity.equals(clientId)) {
      refuse(DropReason.REFUSED, "topic of another identity: '" + Packets.shown(identity) + "'");
      return Optional.empty();
    }
    try {
      return Optional.of(openHub());
    } catch (ConnectionRefusedException refused) {
      close("the hub does not let it in: " + refused.getMessage());
      return Optional.empty();
    }
  }

  // --- publishing

  private boolean publish(MqttPublishMessage packet) {
    String topic = packet.variableHeader().topicName();
    HubTopic meaning = HubTopic.ofPublish(topic);
    if (!(meaning instanceof HubTopic.Free)) {
      publishToHub(packet, meaning);
      return false;
    }
    if (!TopicRules.isTopic(topic)) {
      refuse(DropReason.REFUSED, "publish to '" + Packets.shown(topic) + "', which is no topic");
      return false;
    }
    if (!rights.mayPublish(topic)) {
      refuse(DropReason.REFUSED, "publish to '" + Packets.shown(topic) + "', which it may not");
      return false;
    }
    topics.publish(packet);
    return true;
  }

  @Override
  public void refused(SendResult.Rejected rejection) {
    String reason = "message on a topic refused, " + rejection.reason() + ": " + rejection.text();
    if (rejection.reason() == SendResult.Reason.STORE_FULL) {
      closeLater(reason);
    } else {
      close(reason);
    }
  }

  private static Payload body(MqttPublishMessage packet) {
    return Payload.wrap(ByteBufUtil.getBytes(packet.payload()));
  }

  private void publishToHub(MqttPublishMessage packet, HubTopic meaning) {
    String topic = packet.variableHeader().topicName();
    int qos = packet.fixedHeader().qosLevel().value();
    String sender = meaning instanceof HubTopic.Telemetry telemetry ? telemetry.sender() : clientId;
    if (qos > 1) {
      refuse(DropReason.REFUSED, "QoS 2 on a topic of the hub: '" + Packets.shown(topic) + "'");
      return;
    }
    int packetId = qos == 0 ? 0 : packet.variableHeader().packetId();
    if (meaning instanceof HubTopic.Telemetry telemetry) {
      hubFor(sender).ifPresent(to -> telemetry(to, packet, telemetry, packetId));
    } else if (meaning instanceof HubTopic.TwinRequest request) {
      hubFor(sender).ifPresent(to -> to.requestTwin(request.requestId(), packetId));
    } else if (meaning instanceof HubTopic.Report report) {
      hubFor(sender).ifPresent(to -> to.report(report.requestId(), body(packet), packetId));
    } else if (meaning instanceof HubTopic.MethodAnswer answer) {
      hubFor(sender).ifPresent(to -> to.answerMethod(answer, body(packet), packetId));
    } else {
      refuse(DropReason.UNKNOWN_TOPIC, "publish to '" + Packets.shown(topic) + "'");
    }
  }

  private void telemetry(
      HubClient to, MqttPublishMessage packet, HubTopic.Telemetry topic, int packetId) {
    boolean retain = packet.fixedHeader().isRetain();
    boolean dup = packet.fixedHeader().isDup();
    try {
      to.send(Telemetry.of(topic.bag(), body(packet)).withFlags(retain, dup), packetId);
    } catch (MalformedBagException malformed) {
      refuse(DropReason.REFUSED, String.valueOf(malformed.getMessage()));
    }
  }

  // --- subscribing

  private void subscribe(MqttSubscribeMessage packet) {
    SubscribePlan plan = SubscribePlan.of(packet, state(), rights);
    if (!mayUse(plan.unknown(), plan.receivers())) {
      return;
    }
    if (!plan.hubFilters().isEmpty()) {
      Optional<HubClient> to = hubFor(clientId);
      if (to.isEmpty()) {
        return;
      }
      plan.hubFilters().forEach(to.get()::subscribe);
      state().hubFilters.putAll(plan.hubFilters());
    }
    if (!plan.hubFilters().isEmpty()) {
      broker.sessions().save(state());
    }
    if (plan.free().isEmpty()) {
      answerWhenSaved(plan.answer(), Replay.NONE);
      return;
    }
    // Moquette would keep the higher of two QoS; the newer subscription counts (MQTT 3.1.1, 3.8.4).
    broker.wiring().unsubscribe(clientId, plan.replaced(state().filters));
    // Moquette answers before it returns, and sends the retained messages behind its answer.
    asking = plan;
    state().backlog().retainedNow(true);
    broker.retained().quiet(state().persistent);
    pass(plan.forMoquette());
    broker.retained().quiet(false);
    state().backlog().retainedNow(false);
    asking = null;
    answerSaved(plan.free());
  }

  /** Sends an answer of Moquette that was kept back, with the retained messages behind it. */
  private void answerSaved(List<MqttTopicSubscription> wanted) {
    MqttMessage kept = answer;
    answer = null;
    if (kept != null) {
      answerWhenSaved(kept, Replay.of(broker.retained(), wanted));
    }
  }

  private void answerWhenSaved(MqttMessage packet, Replay replay) {
    Outbox outbox = state().outbox;
    if (outbox == null) {
      write(packet);
      return;
    }
    outbox.pause();
    Consumer<SendResult> saved =
        WhenStored.all(1 + replay.stored().size(), result -> saved(outbox, packet, replay, result));
    List<String> own = List.of(clientId);
    replay.stored().forEach(each -> broker.sessions().store(each, own, null, saved));
    broker.sessions().whenSaved(state(), saved);
  }

  private void saved(Outbox outbox, MqttMessage packet, Replay replay, SendResult result) {
    if (ended) {
      return;
    }
    if (result instanceof SendResult.Rejected rejected) {
      close("its subscriptions are not stored: " + rejected.text());
      return;
    }
    write(packet);
    replay.atMostOnce().forEach(this::write);
    outbox.resume();
  }

  private boolean mayUse(Optional<String> unknown, Set<String> receivers) {
    if (unknown.isPresent()) {
      refuse(DropReason.UNKNOWN_TOPIC, "subscription to '" + Packets.shown(unknown.get()) + "'");
      return false;
    }
    for (String receiver : receivers) {
      if (!receiver.equals(clientId)) {
        refuse(
            DropReason.REFUSED, "messages of another identity: '" + Packets.shown(receiver) + "'");
        return false;
      }
    }
    return true;
  }

  private void unsubscribe(MqttUnsubscribeMessage packet) {
    SubscribePlan.Removal plan = SubscribePlan.removal(packet);
    if (!mayUse(plan.unknown(), plan.receivers())) {
      return;
    }
    for (String filter : plan.hubFilters()) {
      state().hubFilters.remove(filter);
      if (hub != null) {
        hub.unsubscribe(filter);
      }
    }
    if (!plan.hubFilters().isEmpty()) {
      broker.sessions().save(state());
    }
    if (plan.free().isEmpty()) {
      answerWhenSaved(plan.answer(), Replay.NONE);
    } else {
      pass(plan.forMoquette());
      answerSaved(List.of());
    }
  }

  /**
   * Completes a SUBACK of Moquette with what the gate granted; empty when it must wait, because the
   * session is to survive.
   */
  Optional<MqttMessage> answer(MqttMessage ofMoquette) {
    MqttMessage complete =
        asking != null && ofMoquette instanceof MqttSubAckMessage subAck
            ? asking.answer(subAck)
            : ofMoquette;
    if (state == null || !state.persistent) {
      return Optional.of(complete);
    }
    answer = complete;
    return Optional.empty();
  }

  // --- messages to the client

  private boolean acknowledged(MqttMessage packet) {
    int id = packetId(packet);
    if (hub != null && hub.isDelivering(id)) {
      hub.acknowledged(id);
      writable();
      return false;
    }
    if (state().outbox != null && state().outbox.acknowledged(id)) {
      return false;
    }
    if (!state().inFlight.get(id)) {
      return false;
    }
    state().inFlight.clear(id);
    pass(packet);
    return true;
  }

  private boolean received(MqttMessage packet) {
    int id = packetId(packet);
    if (state().inFlight.get(id)) {
      pass(packet);
      return true;
    }
    if (state().outbox != null && state().outbox.received(id)) {
      return false;
    }
    // The message is known to nobody any more; let the client finish with it.
    write(Packets.release(id));
    return false;
  }

  /** A message of Moquette on its way out; empty when it must not go. */
  Optional<MqttPublishMessage> outgoing(MqttPublishMessage packet) {
    if (ended || state == null) {
      return Optional.empty();
    }
    boolean retained = state.backlog().sendsRetained();
    int id = packet.variableHeader().packetId();
    if (packet.fixedHeader().isDup()) {
      // Moquette sends again every five seconds what is not acknowledged yet; only after a lost
      // connection that is right (MQTT 3.1.1, 4.4).
      boolean mustGo = owed.get(id);
      owed.clear(id);
      return mustGo ? Optional.of(packet) : Optional.empty();
    }
    if (packet.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE) {
      state.inFlight.set(id);
      state.lastPacketId = id;
      skipIdsInUse();
    }
    return Optional.of(retained ? Packets.retained(packet) : packet);
  }

  @Override
  public int publish(String topic, int qos, Payload body) {
    if (qos == 0) {
      write(Packets.publish(topic, MqttQoS.AT_MOST_ONCE, 0, content(body)));
      return 0;
    }
    int id;
    do {
      id = nextPacketId();
    } while (isInUse(id));
    write(Packets.publish(topic, MqttQoS.AT_LEAST_ONCE, id, content(body)));
    skipIdsInUse();
    return id;
  }

  private static ByteBuf content(Payload body) {
    return Unpooled.wrappedBuffer(body.asByteBuffer());
  }

  private int nextPacketId() {
    state().lastPacketId = broker.wiring().nextPacketId(ctx.channel());
    return state().lastPacketId;
  }

  /** Moquette counts from one again on every connection; go on where the last one ended. */
  private void continuePacketIds() {
    int last = state().lastPacketId;
    while (last != 0 && broker.wiring().nextPacketId(ctx.channel()) != last) {
      continue;
    }
    skipIdsInUse();
  }

  /** Moves Moquette's counter so that the id it takes next is free. */
  private void skipIdsInUse() {
    while (isInUse(state().lastPacketId == 65_535 ? 1 : state().lastPacketId + 1)) {
      nextPacketId();
    }
  }

  private boolean isInUse(int id) {
    Outbox outbox = state().outbox;
    return state().inFlight.get(id) || isTaken(id) || outbox != null && outbox.isSending(id);
  }

  @Override
  public boolean isTaken(int packetId) {
    return hub != null && hub.isDelivering(packetId);
  }

  @Override
  public void send(MqttMessage packet) {
    write(packet);
  }

  @Override
  public void behind() {
    inlet.update();
  }

  /** The socket, or a packet id, may have room for messages again. */
  void writable() {
    inlet.resume();
    if (isOpen() && state().outbox != null) {
      state().outbox.pump();
    }
  }

  @Override
  public void write(MqttMessage packet) {
    ctx.write(packet);
    flushLater.run();
  }

  // --- wire and flow

  @Override
  public void execute(Runnable task) {
    ctx.executor().execute(task);
  }

  @Override
  public void acknowledge(int packetId) {
    ctx.write(Packets.acknowledgement(packetId));
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public void resume() {
    inlet.resume();
  }

  @Override
  public boolean isUnwritable() {
    return loggingIn || !ctx.channel().isWritable();
  }

  @Override
  public boolean isFull() {
    return leaving || topics.isFull() || hub != null && hub.isFull();
  }

  @Override
  public boolean isHeld() {
    return !heldBy.isEmpty() || owesReleases();
  }

  private boolean owesReleases() {
    return state != null && state.unreleased.cardinality() >= Limits.UNRELEASED;
  }

  @Override
  public boolean isBehind() {
    return owesReleases() || state != null && state.isBehind();
  }

  @Override
  public void read(boolean on) {
    if (ctx.channel().config().isAutoRead() != on) {
      ctx.channel().config().setAutoRead(on);
    }
  }

  @Override
  public void overflow() {
    close(
        "it goes on sending while its messages wait for a slow subscriber; nothing is lost, what"
            + " is not acknowledged should be sent again");
  }

  @Override
  public void held(Holder by) {
    heldBy.add(by);
  }

  @Override
  public void released(Holder by) {
    heldBy.remove(by);
    if (heldBy.isEmpty()) {
      execute(inlet::resume);
    }
  }

  // --- the end

  /** A packet that cannot be read. */
  void malformed(boolean tooLarge, String cause) {
    if (ended) {
      return;
    }
    refuse(
        tooLarge ? DropReason.TOO_LARGE : DropReason.REFUSED,
        tooLarge
            ? "packet larger than " + Limits.MAX_PACKET + " bytes"
            : "malformed packet: " + Packets.shown(cause));
  }

  /** A CONNECT of another version of MQTT, or of something else (MQTT 3.1.1, 3.1.2.2). */
  void unknownProtocol() {
    if (state == null && !ended) {
      answer(
          MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION,
          "protocol: expected MQTT 3.1 or 3.1.1");
    } else {
      malformed(false, "second CONNECT, of an unknown protocol");
    }
  }

  private void refuse(DropReason reason, String detail) {
    broker.drops().dropped(reason, clientId.isEmpty() ? remote() : clientId, detail);
    close(detail);
  }

  private String remote() {
    return String.valueOf(ctx.channel().remoteAddress());
  }

  /** Another connection has taken the client id. */
  void displaced() {
    close("another connection came with the same client id");
  }

  /** Whether it came in through this gateway. */
  boolean uses(ClientGateway gateway) {
    return hub != null && hub.uses(gateway);
  }

  @Override
  public void close(String reason) {
    if (!ended) {
      LOG.debug("connection of client '{}' at {} is closed: {}", clientId, remote(), reason);
      finish();
    }
    ctx.close();
  }

  @Override
  public void closeLater(String reason) {
    if (ended || leaving) {
      return;
    }
    leaving = true;
    inlet.update();
    ctx.executor().schedule(() -> close(reason), Limits.FULL_PAUSE_SECONDS, TimeUnit.SECONDS);
  }

  /** The channel has ended; called before Moquette hears of it. */
  void ended() {
    finish();
  }

  private void finish() {
    if (ended) {
      return;
    }
    ended = true;
    expiry.cancel();
    inlet.close();
    topics.end();
    heldBy.forEach(holder -> holder.forget(this));
    heldBy.clear();
    if (state != null && broker.isCurrent(clientId, this)) {
      state.offline();
    }
    sendWill();
  }

  private void sendWill() {
    Optional<Will> last = Optional.ofNullable(will);
    if (last.isPresent() && last.get().isTelemetry() && hub == null && state != null) {
      try {
        openHub();
      } catch (ConnectionRefusedException refused) {
        broker.drops().dropped(DropReason.REFUSED, clientId, "will: " + refused.getMessage());
      }
    }
    if (hub != null) {
      hub.end(last.flatMap(Will::telemetry));
    }
    last.filter(free -> !free.isTelemetry() && state != null)
        .ifPresent(free -> free.publish(broker));
  }

  /** Moquette has heard of the end. */
  void left() {
    if (broker.leave(clientId, this) && state != null && !state.persistent) {
      broker.forget(clientId);
    }
  }
}
