package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Face;
import io.github.tachyscope.config.ComfySettings;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;

/** All paths of ComfyUI, each at {@code /x} and {@code /api/x}. */
public final class ComfyFace implements Face, AutoCloseable {
    /** Under which jobs are in the log. */
    static final String NAME = "comfy";

    private final ActorRef<Hub.Command> hub;
    private final List<Endpoint> endpoints;

    public ComfyFace(ComfyParts parts) {
        ComfySettings settings = parts.settings().comfy();
        Executor blocking = parts.system().dispatchers().lookup(DispatcherSelector.blocking());
        PromptLog log = new PromptLog(parts.desk());
        Set<String> animated = ConcurrentHashMap.newKeySet();
        hub = parts.system()
                .systemActorOf(
                        Hub.create(new Hub.Setup(
                                parts.desk(),
                                log,
                                new Pictures(parts.desk(), blocking),
                                animated,
                                settings.maxUploadBytes(),
                                parts.clock()::millis)),
                        "comfy",
                        Props.empty());
        ModelNames names = new ModelNames(
                parts.settings().storage().modelsDir(),
                settings.aliases(),
                parts.loras(),
                settings.standIn().isPresent());
        Offers offers = new Offers(names, parts.folders(), parts.pipelines());
        Works works = new Works(parts.desk(), names, parts.pipelines(), settings.standIn());
        SeenNodes seen = new SeenNodes();
        QueueRoutes queue = new QueueRoutes(parts.desk(), log, hub);
        CrossOrigin rules = new CrossOrigin(settings.corsOrigin());
        endpoints = Stream.of(
                        new Submissions(parts, offers, works, seen, animated, hub).endpoints(),
                        queue.endpoints(),
                        new HistoryRoutes(parts.desk(), log, settings.maxHistory()).endpoints(),
                        new JobsRoutes(log, queue, settings.maxHistory()).endpoints(),
                        new ViewRoutes(parts.folders(), parts.desk()).endpoints(),
                        new UploadRoutes(parts.folders(), settings.maxUploadBytes()).endpoints(),
                        new InfoRoutes(parts, names, offers, seen).endpoints(),
                        new SocketRoutes(hub).endpoints())
                .flatMap(List::stream)
                .map(rules::guarded)
                .toList();
    }

    @Override
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Closes all sockets. */
    @Override
    public void close() {
        hub.tell(Hub.Close.INSTANCE);
    }
}
