package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.api.RecentLog;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The machine and the process: hardware, restart, logs. */
final class HostRoutes {
    /** Leaves the reply time to reach the client. */
    private static final Duration RESTART_DELAY = Duration.ofMillis(500);

    private final ScopeParts parts;

    HostRoutes(ScopeParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/hardware/info", Endpoint.now(call -> hardware())),
                Endpoint.post("/api/v1/restart", Endpoint.now(this::restart)),
                Endpoint.get("/api/v1/logs/current", Endpoint.now(call -> wholeLog())),
                Endpoint.get("/api/v1/logs/tail", Endpoint.now(this::tail)));
    }

    private HttpResponse hardware() {
        HostInfo host = parts.host().get();
        Optional<Double> gib = host.devices().stream()
                .flatMap(device -> device.memory().stream())
                .findFirst()
                .map(memory -> memory.totalBytes() / 1073741824.0);
        ObjectNode body = Json.object();
        body.set("vram_gb", Json.number(gib));
        for (String name : List.of("spout", "ndi", "syphon")) {
            body.putObject(name)
                    .put("available", false)
                    .put("reason", "This server does not exchange video by " + name + ".")
                    .putNull("install_hint");
        }
        ArrayNode devices = body.put("spout_available", false).putArray("devices");
        for (HostInfo.Device device : host.devices()) {
            ObjectNode node = devices.addObject()
                    .put("id", device.id())
                    .put("name", device.name())
                    .put("kind", device.kind())
                    .put("usable_bytes", device.usableBytes());
            device.formats().forEach(node.putArray("formats")::add);
        }
        HostInfo.TensorLibrary tensors = host.tensors();
        body.putObject("tensors")
                .put("library", tensors.name())
                .put("version", tensors.version())
                .put("loaded", tensors.loaded())
                .put("lane_threads", tensors.laneThreads())
                .put("precision", tensors.precision());
        return Replies.json(body);
    }

    private HttpResponse restart(Call call) {
        call.system()
                .scheduler()
                .scheduleOnce(RESTART_DELAY, parts.restart(), call.system().executionContext());
        return Replies.json(Json.message("The server restarts."));
    }

    private HttpResponse wholeLog() {
        RecentLog.Tail tail = parts.log().tail(0, Integer.MAX_VALUE);
        if (tail.lines().isEmpty()) {
            throw Refused.with(404, "The log is empty.");
        }
        return Replies.text(String.join("\n", tail.lines()) + "\n")
                .addHeader(RawHeader.create("Content-Disposition", "attachment; filename=\"tachyscope.log\""));
    }

    private HttpResponse tail(Call call) {
        int most = (int) call.query("lines", 200, 1, 1000);
        RecentLog.Tail tail = parts.log().tail(call.query("since_offset", 0, 0, Long.MAX_VALUE), most);
        ObjectNode body = Json.object();
        tail.lines().forEach(body.putArray("lines")::add);
        return Replies.json(body.put("offset", tail.offset()));
    }
}
