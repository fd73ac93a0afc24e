package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Executor;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pipeline that the devices were or will be asked to load.
 *
 * <pre>
 * WANTED --all devices are asked--> LOADING --all have answered, one has it at least--> LOADED
 * </pre>
 *
 * @param nodeId its name in the chain; beside the chain the id of the pipeline
 * @param key under which the devices have it or will have it
 * @param spec of the loaded pipeline once it is there, which knows its own size and geometry; of its provider before
 * @param holders how many devices have it
 * @param failures what the devices said that do not have it
 */
record HeldPipeline(
        String nodeId,
        String key,
        DeviceLoads.Wanted wanted,
        PipelineSpec spec,
        Stage stage,
        int holders,
        List<Executor.LoadFailed> failures) {
    enum Stage {
        WANTED,
        LOADING,
        LOADED
    }

    HeldPipeline(String nodeId, String key, DeviceLoads.Wanted wanted) {
        this(nodeId, key, wanted, wanted.provider().spec(), Stage.WANTED, 0, List.of());
    }

    boolean loaded() {
        return stage == Stage.LOADED;
    }

    /** What is the same whether it is in the chain or beside it. */
    boolean serves(DeviceLoads.Wanted other) {
        return wanted.sameAs(other);
    }

    HeldPipeline named(String otherNodeId) {
        return new HeldPipeline(otherNodeId, key, wanted, spec, stage, holders, failures);
    }

    HeldPipeline loading() {
        return new HeldPipeline(nodeId, key, wanted, spec, Stage.LOADING, 0, List.of());
    }

    /** A device has answered. */
    HeldPipeline with(Executor.LoadReply reply, int devices) {
        HeldPipeline told = this;
        if (reply instanceof Executor.Loaded there) {
            told = new HeldPipeline(nodeId, key, wanted, there.spec(), stage, holders + 1, failures);
        } else if (reply instanceof Executor.LoadFailed failed) {
            List<Executor.LoadFailed> all =
                    Stream.concat(failures.stream(), Stream.of(failed)).toList();
            told = new HeldPipeline(nodeId, key, wanted, spec, stage, holders, all);
        }
        return told.answered(devices) && told.holders > 0 ? told.asLoaded() : told;
    }

    private HeldPipeline asLoaded() {
        return new HeldPipeline(nodeId, key, wanted, spec, Stage.LOADED, holders, failures);
    }

    private boolean answered(int devices) {
        return holders + failures.size() >= devices;
    }

    /** Whether no device has it, and none will. */
    boolean failedOn(int devices) {
        return answered(devices) && holders == 0;
    }

    /** Whether it may be there once other weights are gone. */
    boolean lacksRoom() {
        return failures.stream().anyMatch(Executor.LoadFailed::noRoom);
    }

    /** What the devices said that do not have it. */
    String trouble() {
        return failures.stream()
                .map(Executor.LoadFailed::message)
                .distinct()
                .sorted()
                .reduce((a, b) -> a + "; " + b)
                .orElse("");
    }

    LoadedPipeline asLoadedPipeline() {
        return new LoadedPipeline(nodeId, key, spec);
    }
}
