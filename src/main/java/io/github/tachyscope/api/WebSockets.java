package io.github.tachyscope.api;

import java.util.function.IntSupplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.event.NoLogging;
import org.apache.pekko.http.impl.engine.ws.FrameEvent;
import org.apache.pekko.http.impl.engine.ws.FrameStart;
import org.apache.pekko.http.impl.engine.ws.UpgradeToWebSocketLowLevel;
import org.apache.pekko.http.impl.engine.ws.WebSocket;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.model.ws.WebSocketUpgrade;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.http.scaladsl.settings.WebSocketSettings;
import org.apache.pekko.stream.javadsl.BidiFlow;
import org.apache.pekko.stream.javadsl.Flow;
import scala.Option;

/**
 * Requests that become WebSockets (RFC 6455).
 *
 * <p>Pekko closes every socket with 1000 or 1011 and has no way to say another code, so the close frame is exchanged
 * where frames are made. That is the library's inner side; where it is not to be had, the code is 1000.
 */
public final class WebSockets {
    private static final int NORMAL = 1000;

    /** Opcode of a close frame. */
    private static final int CLOSE = 8;

    private WebSockets() {}

    /**
     * Answers the upgrade.
     *
     * @param talk messages in, messages out; its completion closes the socket
     * @param closeCode asked when it closes in good order
     * @throws Refused if the request asks for no upgrade
     */
    public static HttpResponse accept(Call call, Flow<Message, Message, NotUsed> talk, IntSupplier closeCode) {
        WebSocketUpgrade upgrade = call.request()
                .getAttribute(AttributeKeys.webSocketUpgrade)
                .orElseThrow(() -> Refused.with(426, "This path is a WebSocket: connect to it with ws: or wss:."));
        return upgrade instanceof UpgradeToWebSocketLowLevel frames
                ? frames.handleFrames(
                        frames(Adapter.toClassic(call.system()), talk, closeCode)
                                .asScala(),
                        Option.empty())
                : upgrade.handleMessagesWith(talk);
    }

    private static Flow<FrameEvent, FrameEvent, Object> frames(
            ActorSystem system, Flow<Message, Message, NotUsed> talk, IntSupplier closeCode) {
        WebSocketSettings settings =
                (WebSocketSettings) ServerSettings.create(system).getWebsocketSettings();
        Flow<org.apache.pekko.http.scaladsl.model.ws.Message, org.apache.pekko.http.scaladsl.model.ws.Message, NotUsed>
                messages = Flow.<org.apache.pekko.http.scaladsl.model.ws.Message>create()
                        .map(message -> (Message) message)
                        .via(talk)
                        .map(Message::asScala);
        BidiFlow<
                        FrameEvent,
                        org.apache.pekko.http.scaladsl.model.ws.Message,
                        org.apache.pekko.http.scaladsl.model.ws.Message,
                        FrameEvent,
                        NotUsed>
                stack = WebSocket.stack(true, settings, WebSocket.stack$default$3(), NoLogging.getInstance())
                        .asJava();
        return stack.join(messages).map(frame -> closing(frame, closeCode)).mapMaterializedValue(none -> none);
    }

    private static FrameEvent closing(FrameEvent frame, IntSupplier closeCode) {
        boolean inGoodOrder = frame instanceof FrameStart start
                && start.header().opcode().code() == CLOSE
                && start.data().size() >= 2
                && ((start.data().apply(0) & 0xff) << 8 | start.data().apply(1) & 0xff) == NORMAL;
        return inGoodOrder ? FrameEvent.closeFrame(closeCode.getAsInt(), "", Option.empty()) : frame;
    }
}
