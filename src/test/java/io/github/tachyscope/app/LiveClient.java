package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.TestChannel;
import io.github.tachyscope.testkit.VideoFeed;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** What a page does: one video line, one data channel, an offer over HTTP. */
final class LiveClient implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    final LibWebRtcPeer peer = new LibWebRtcPeer();
    final VideoFeed video;
    private final TestChannel channel;
    private final RunningServer server;
    private String sessionId = "";

    private LiveClient(RunningServer server, RTCRtpTransceiverDirection direction) {
        this.server = server;
        this.channel = peer.openChannel("parameters");
        this.video = peer.video(direction);
    }

    /** A client that sends pictures and gets pictures; not connected yet. */
    static LiveClient camera(RunningServer server) {
        return new LiveClient(server, RTCRtpTransceiverDirection.SEND_RECV);
    }

    /** A client that only gets pictures; not connected yet. */
    static LiveClient viewer(RunningServer server) {
        return new LiveClient(server, RTCRtpTransceiverDirection.RECV_ONLY);
    }

    /** A client that only gets pictures, connected. */
    static LiveClient viewing(RunningServer server, String initialParameters) throws Exception {
        LiveClient client = viewer(server);
        try {
            client.connect(initialParameters);
            return client;
        } catch (Throwable failed) {
            client.close();
            throw failed;
        }
    }

    static HttpResponse<String> offer(RunningServer server, String sdp, String initialParameters) throws Exception {
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("type", "offer").put("sdp", sdp);
        body.set("initialParameters", JSON.readTree(initialParameters));
        return server.post("/api/v1/webrtc/offer", body.toString());
    }

    /** Offers without going on; for offers that are to be refused. */
    HttpResponse<String> offer(String initialParameters) throws Exception {
        return offer(server, peer.offer(), initialParameters);
    }

    /** Offers, takes the answer, trickles, and waits for the data channel. */
    void connect(String initialParameters) throws Exception {
        signal(initialParameters, UnaryOperator.identity());
        trickle();
        channel.awaitOpen();
    }

    /** Offers, changes the answer and takes it. The server learns no candidates but from the checks that reach it. */
    void signal(String initialParameters, UnaryOperator<String> answer) throws Exception {
        HttpResponse<String> reply = offer(initialParameters);
        if (reply.statusCode() != 200) {
            throw new AssertionError(reply.statusCode() + " " + reply.body());
        }
        JsonNode body = JSON.readTree(reply.body());
        sessionId = body.path("sessionId").asText();
        peer.answer(answer.apply(body.path("sdp").asText()));
    }

    private void trickle() throws Exception {
        ObjectNode trickle = JsonNodeFactory.instance.objectNode();
        peer.candidates()
                .forEach(line -> trickle.withArray("candidates").addObject().put("candidate", line));
        if (!trickle.isEmpty()) {
            server.patch("/api/v1/webrtc/offer/" + sessionId, trickle.toString());
        }
    }

    String sessionId() {
        return sessionId;
    }

    void send(String message) throws Exception {
        channel.send(message);
    }

    /** Messages of a type so far. */
    List<JsonNode> notices(String type) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        for (String text : channel.texts()) {
            JsonNode message = JSON.readTree(text);
            if (message.path("type").asText().equals(type)) {
                found.add(message);
            }
        }
        return found;
    }

    JsonNode awaitNotice(String type) throws Exception {
        LibWebRtcPeer.await("a notice of type " + type, () -> {
            try {
                return !notices(type).isEmpty();
            } catch (Exception broken) {
                throw new AssertionError(broken);
            }
        });
        return notices(type).get(0);
    }

    /** Waits for so many more pictures. */
    void awaitPictures(int more) {
        int before = video.decoded();
        LibWebRtcPeer.await(
                more + " more pictures, had " + before + ", " + peer.state(), () -> video.decoded() >= before + more);
    }

    /** Pushes pictures until so many more have come back. */
    void pushPictures(int more) {
        int before = video.decoded();
        LibWebRtcPeer.pushUntil(video, more + " more pictures", () -> video.decoded() >= before + more);
    }

    /** What the server says of this session; missing if it has none. */
    JsonNode figures() throws Exception {
        return server.json("/api/v1/session/metrics").path("sessions").path(sessionId);
    }

    JsonNode awaitFigures(Predicate<JsonNode> wanted) throws Exception {
        return server.await(
                        "/api/v1/session/metrics",
                        all -> wanted.test(all.path("sessions").path(sessionId)))
                .path("sessions")
                .path(sessionId);
    }

    void awaitGone() throws Exception {
        awaitFigures(JsonNode::isMissingNode);
    }

    /** Waits until the server has closed the connection; the data channel notices first. */
    void awaitClosed() {
        LibWebRtcPeer.await("the end of the connection", () -> channel.state() == RTCDataChannelState.CLOSED);
    }

    @Override
    public void close() {
        peer.close();
    }
}
