package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.LoraStore;
import io.github.tachyscope.store.MediaFolders;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What this face needs.
 *
 * @param pipelines those of the catalogue, loaded or not
 * @param host as it is now
 */
public record ComfyParts(
        ActorSystem<?> system,
        Settings settings,
        JobDesk desk,
        MediaFolders folders,
        LoraStore loras,
        List<PipelineSpec> pipelines,
        ActorRef<PipelineRegistry.Command> registry,
        Supplier<HostInfo> host,
        Clock clock) {}
