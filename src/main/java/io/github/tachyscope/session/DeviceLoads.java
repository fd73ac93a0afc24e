package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Executor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads pipelines on all devices at a time, and frees them there. */
final class DeviceLoads {
    private static final Logger log = LoggerFactory.getLogger(DeviceLoads.class);

    /** What somebody asks for: understood, or not. */
    sealed interface Checked {}

    /** @param parameters checked, defaults filled in */
    record Wanted(String pipelineId, PipelineProvider provider, Parameters parameters) implements Checked {
        boolean sameAs(Wanted other) {
            return pipelineId.equals(other.pipelineId) && parameters.equals(other.parameters);
        }
    }

    /** @param message fit for the client */
    record Faulty(String message) implements Checked {}

    private final PipelineCatalog catalog;
    private final List<ActorRef<Executor.Command>> executors;
    private final Duration timeout;
    private final ActorRef<Executor.LoadReply> news;
    private long keys;

    /** @param news told what becomes of each load, by each device */
    DeviceLoads(
            PipelineCatalog catalog,
            List<ActorRef<Executor.Command>> executors,
            Duration timeout,
            ActorRef<Executor.LoadReply> news) {
        this.catalog = catalog;
        this.executors = List.copyOf(executors);
        this.timeout = timeout;
        this.news = news;
    }

    int devices() {
        return executors.size();
    }

    /** @param parameters load-time parameters as the client sent them */
    Checked check(String pipelineId, Parameters parameters) {
        Optional<PipelineProvider> provider = catalog.provider(pipelineId);
        if (provider.isEmpty()) {
            return new Faulty("there is no pipeline '" + pipelineId + "'; there are "
                    + String.join(
                            ", ", catalog.specs().stream().map(PipelineSpec::id).toList()));
        }
        ParameterSchema.Checked checked = provider.get().spec().parameters().checkLoad(parameters);
        return checked.refused().isEmpty()
                ? new Wanted(pipelineId, provider.get(), checked.accepted())
                : new Faulty(checked.refused().get(0).message());
    }

    /** Under a key that no other has or had. */
    HeldPipeline newly(String nodeId, Wanted wanted) {
        return new HeldPipeline(nodeId, wanted.pipelineId() + "#" + ++keys, wanted);
    }

    /** Asks all devices for it; each answers. */
    HeldPipeline load(HeldPipeline pipeline) {
        DeviceLoads.Wanted wanted = pipeline.wanted();
        tellAll(new Executor.Load(pipeline.key(), wanted.provider(), wanted.parameters(), timeout, news));
        return pipeline.loading();
    }

    /** Frees it where it is, as soon as no run uses it; where it is loading, its late answer is nobody's. */
    void unload(HeldPipeline pipeline) {
        tellAll(new Executor.Unload(pipeline.key()));
    }

    private void tellAll(Executor.Command command) {
        executors.forEach(executor -> executor.tell(command));
    }

    /** Says in the log where it is not, if so. */
    void warnOfGaps(HeldPipeline loaded) {
        if (!loaded.failures().isEmpty()) {
            log.warn("{} is not on all devices: {}", loaded.wanted().pipelineId(), loaded.trouble());
        }
    }
}
