package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.api.comfy.graph.NodeCatalogue;
import io.github.tachyscope.session.PipelineRegistry;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What the server is and has. */
final class InfoRoutes {
    /** The release of ComfyUI whose interface this is. */
    private static final String COMFYUI_VERSION = "0.36.0";

    private final ComfyParts parts;
    private final Offers offers;
    private final SeenNodes seen;
    private final Map<String, Function<ModelNames, List<String>>> folders;
    private final ModelNames names;

    InfoRoutes(ComfyParts parts, ModelNames names, Offers offers, SeenNodes seen) {
        this.parts = parts;
        this.names = names;
        this.offers = offers;
        this.seen = seen;
        this.folders = Map.of(
                "checkpoints", ModelNames::checkpoints,
                "diffusion_models", ModelNames::unets,
                "loras", ModelNames::loras,
                "text_encoders", ModelNames::clips,
                "vae", ModelNames::vaes);
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(
                Endpoint.get(
                        "/system_stats",
                        Endpoint.now(call -> Replies.json(stats(parts.host().get())))),
                Endpoint.get(
                        "/object_info",
                        call -> call.blocking(() -> Replies.json(NodeCatalogue.objectInfo(offers.now())))),
                Endpoint.get(
                        "/object_info/{name}",
                        call -> call.blocking(
                                () -> Replies.json(NodeCatalogue.objectInfo(call.variable("name"), offers.now())))),
                Endpoint.get(
                        "/models",
                        Endpoint.now(
                                call -> texts(folders.keySet().stream().sorted().toList()))),
                Endpoint.get("/models/{folder}", this::models),
                Endpoint.get("/embeddings", Endpoint.now(call -> texts(List.of()))),
                Endpoint.get("/extensions", Endpoint.now(call -> texts(List.of()))),
                Endpoint.get(
                        "/features",
                        Endpoint.now(call -> Replies.json(
                                ServerFeatures.json(parts.settings().comfy().maxUploadBytes())))),
                Endpoint.post("/free", this::free));
    }

    private static HttpResponse texts(List<String> texts) {
        return Replies.json(Messages.array(texts));
    }

    private CompletionStage<HttpResponse> models(Call call) {
        Function<ModelNames, List<String>> list = Optional.ofNullable(folders.get(call.variable("folder")))
                .orElseThrow(() -> Refused.with(404, "There is no such folder; GET /models lists them."));
        return call.blocking(() -> texts(list.apply(names)));
    }

    private CompletionStage<HttpResponse> free(Call call) {
        return Routes.body(call).thenApply(body -> {
            if (body.path("unload_models").asBoolean()
                    || body.path("free_memory").asBoolean()) {
                parts.registry().tell(PipelineRegistry.ReleaseUnused.INSTANCE);
                seen.clear();
            }
            return Routes.done();
        });
    }

    private static ObjectNode stats(HostInfo host) {
        ObjectNode json = Messages.object();
        ObjectNode system = json.putObject("system")
                .put("os", System.getProperty("os.name", "").toLowerCase(Locale.ROOT));
        boolean known = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean;
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        system.put("ram_total", known ? machine.getTotalMemorySize() : 0);
        system.put("ram_free", known ? machine.getFreeMemorySize() : 0);
        system.put("comfyui_version", COMFYUI_VERSION)
                .putNull("required_frontend_version")
                .put("python_version", "n/a (java " + Runtime.version().feature() + ")")
                .put("pytorch_version", host.tensors().version())
                .put("embedded_python", false)
                .putArray("argv");
        ArrayNode devices = json.putArray("devices");
        host.devices().stream()
                .sorted((a, b) ->
                        Boolean.compare(b.kind().equals("cuda"), a.kind().equals("cuda")))
                .forEach(device -> devices.add(device(device)));
        return json;
    }

    private static ObjectNode device(HostInfo.Device device) {
        long total = device.memory().map(HostInfo.Memory::totalBytes).orElse(device.usableBytes());
        long used = device.memory().map(HostInfo.Memory::allocatedBytes).orElse(0L);
        long reserved = device.memory().map(HostInfo.Memory::reservedBytes).orElse(0L);
        int colon = device.id().indexOf(':');
        return Messages.object()
                .put("name", device.id() + " " + device.name())
                .put("type", device.kind())
                .put("index", colon < 0 ? 0 : Integer.parseInt(device.id().substring(colon + 1)))
                .put("vram_total", total)
                .put("vram_free", Math.max(0, total - used))
                .put("torch_vram_total", reserved)
                .put("torch_vram_free", Math.max(0, reserved - used));
    }
}
