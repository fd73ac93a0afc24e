package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.StepFloor;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What the bundled model costs on this machine: each stage by itself, and whole frames through the engine. */
final class TinyBench {
    private static final long SEED = 20_26;
    private static final int WARM_UP = 5;
    /** Pictures of another size than the model's, as a camera sends them. */
    private static final int CAMERA_WIDTH = 640;

    private static final int CAMERA_HEIGHT = 480;

    /** A floor is about a millisecond; its median is steady after so long. */
    private static final Duration FLOOR_SPAN = Duration.ofSeconds(1);

    private final PipelineProvider provider;
    private final TinyBenchOptions options;
    private final PrintStream out;

    TinyBench(PipelineProvider provider, TinyBenchOptions options, PrintStream out) {
        this.provider = provider;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        out.printf(
                "%n%-5s %-5s %7s %5s | %8s %8s %8s %8s | %9s %9s %8s | %6s %6s%n",
                "size",
                "type",
                "threads",
                "batch",
                "encode",
                "denoise",
                "decode",
                "frame",
                "engine",
                "frames/s",
                "delay",
                "floor",
                "share");
        for (int size : options.sizes()) {
            for (Precision precision : options.precisions()) {
                for (int threads : options.threads()) {
                    for (int batch : options.batches()) {
                        row(size, precision, threads, batch);
                    }
                }
            }
        }
        return ExitCode.OK;
    }

    private void row(int size, Precision precision, int threads, int batch) throws Exception {
        Placement placement = Placement.CPU.with(precision);
        Map<StepKind, Double> stages = stages(size, placement, threads, batch);
        double sum = stages.values().stream().mapToDouble(Double::doubleValue).sum();
        Torch.useThreads(threads);
        double floor = StepFloor.millis(TinyForm.denoiser(), placement, FLOOR_SPAN);
        Device device = new Device(placement, Devices.cpu().totalBytes(), threads);
        EngineFrames.Figures engine = new EngineFrames(
                        provider, load(size), device, batch, options.lanes(), options.frames())
                .measure(input());
        out.printf(
                Locale.ROOT,
                "%-5d %-5s %7d %5d | %8.1f %8.1f %8.1f %8.1f | %9.1f %9.1f %8.1f | %6.2f %5.1f%%%n",
                size,
                precision.name().toLowerCase(Locale.ROOT),
                threads,
                batch,
                stages.getOrDefault(StepKind.IMAGE_ENCODE, 0.0),
                stages.getOrDefault(StepKind.DENOISE, 0.0),
                stages.getOrDefault(StepKind.DECODE, 0.0),
                sum,
                engine.frameMillis(),
                engine.framesPerSecond(),
                engine.delayMillis(),
                floor,
                100 * floor / stages.getOrDefault(StepKind.DENOISE, Double.NaN));
    }

    private static Parameters load(int size) {
        return Parameters.of(
                Map.of(CommonParameters.WIDTH, IntNode.valueOf(size), CommonParameters.HEIGHT, IntNode.valueOf(size)));
    }

    private static VideoFrame input() {
        byte[] data = new byte[PixelFormat.I420.bytes(CAMERA_WIDTH, CAMERA_HEIGHT)];
        new Random(SEED).nextBytes(data);
        return VideoFrame.of(PixelFormat.I420, CAMERA_WIDTH, CAMERA_HEIGHT, data, 0);
    }

    /** Median time of each kind of step, in milliseconds. */
    private Map<StepKind, Double> stages(int size, Placement placement, int threads, int batch) {
        Torch.useThreads(threads);
        Map<StepKind, List<Long>> nanos = new EnumMap<>(StepKind.class);
        try (Pipeline pipeline = provider.load(load(size), placement, stage -> {})) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                generations.add(pipeline.open(new GenerationRequest(InputMode.VIDEO, Parameters.none())));
            }
            for (int frame = -WARM_UP; frame < options.frames(); frame++) {
                for (Generation generation : generations) {
                    generation.feed(List.of(input()));
                    generation.demand();
                }
                boolean done = false;
                while (!done) {
                    done = step(pipeline, generations, frame < 0 ? new EnumMap<>(StepKind.class) : nanos);
                }
            }
            generations.forEach(Generation::close);
        }
        Map<StepKind, Double> medians = new EnumMap<>(StepKind.class);
        nanos.forEach((kind, all) -> {
            long[] sorted = all.stream().mapToLong(Long::longValue).sorted().toArray();
            medians.put(kind, sorted[sorted.length / 2] / 1e6);
        });
        return medians;
    }

    /** One step of all, which are all at the same one; whether it finished their frames. */
    private static boolean step(Pipeline pipeline, List<Generation> generations, Map<StepKind, List<Long>> nanos) {
        for (Lane lane : Lane.values()) {
            if (generations.get(0).next(lane) instanceof NextStep.StepPlan plan) {
                generations.forEach(generation -> generation.begin(lane));
                long start = System.nanoTime();
                List<StepResult> results = pipeline.run(lane, generations);
                long took = System.nanoTime() - start;
                nanos.computeIfAbsent(plan.key().kind(), first -> new ArrayList<>())
                        .add(took);
                boolean done = !results.get(0).frames().isEmpty();
                for (int i = 0; i < results.size(); i++) {
                    results.get(i).frames().forEach(VideoFrame::release);
                    generations.get(i).commit(results.get(i));
                }
                return done;
            }
        }
        throw new IllegalStateException("no step in the middle of a frame");
    }
}
