package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Plays the executor for generations of one pipeline, without threads. */
final class Rig implements AutoCloseable {
    static final int SIDE = 64;
    private static final ObjectMapper JSON = new ObjectMapper();

    final PipelineSpec spec = TinyProvider.spec(SIDE);
    final TinyPipeline pipeline;

    Rig(Networks networks) {
        this(networks, SIDE);
    }

    Rig(Networks networks, int side) {
        this(networks, new PictureSize(side, side));
    }

    Rig(Networks networks, PictureSize size) {
        pipeline = new TinyPipeline(spec, Parameters.none(), networks, size);
    }

    static Parameters json(String text) {
        try {
            return Parameters.of(JSON.readTree(text.replace('\'', '"')));
        } catch (Exception wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    Parameters checked(String text) {
        return spec.parameters().checkRuntime(json(text)).accepted();
    }

    TinyGeneration open(InputMode mode, String parameters) {
        return (TinyGeneration) pipeline.open(new GenerationRequest(mode, checked(parameters)));
    }

    static Optional<StepKind> nextOn(Generation generation, Lane lane) {
        return generation.next(lane) instanceof NextStep.StepPlan plan
                ? Optional.of(plan.key().kind())
                : Optional.empty();
    }

    /** Runs the next step of each on the lane as one batch. */
    List<StepResult> run(Lane lane, List<? extends Generation> batch) {
        batch.forEach(generation -> generation.begin(lane));
        return pipeline.run(lane, List.copyOf(batch));
    }

    /** Runs and commits one step; the frame if it finished one. */
    Optional<byte[]> step(Lane lane, Generation generation) {
        StepResult result = run(lane, List.of(generation)).get(0);
        Optional<byte[]> frame = result.frames().stream().findFirst().map(Rig::bytes);
        result.frames().forEach(VideoFrame::release);
        generation.commit(result);
        return frame;
    }

    /** Runs the oldest work first until a frame is finished. */
    byte[] frame(Generation generation) {
        while (true) {
            boolean ran = false;
            for (Lane lane : List.of(Lane.TEXT, Lane.DENOISE, Lane.CODEC)) {
                if (nextOn(generation, lane).isPresent()) {
                    ran = true;
                    Optional<byte[]> frame = step(lane, generation);
                    if (frame.isPresent()) {
                        return frame.get();
                    }
                }
            }
            if (!ran) {
                throw new AssertionError("nothing to do in the middle of a frame");
            }
        }
    }

    /** One camera picture in, one frame out. */
    byte[] film(Generation generation, VideoFrame picture) {
        generation.feed(List.of(picture));
        generation.demand();
        return frame(generation);
    }

    /** One frame of text mode. */
    byte[] paint(Generation generation) {
        generation.demand();
        return frame(generation);
    }

    static VideoFrame picture(long seed) {
        return picture(seed, SIDE, SIDE);
    }

    /** Eight by eight flat fields. */
    static VideoFrame picture(long seed, int width, int height) {
        byte[] fields = new byte[3 * 64];
        new Random(seed).nextBytes(fields);
        byte[] data = new byte[PixelFormat.RGB24.bytes(width, height)];
        for (int i = 0; i < data.length; i++) {
            int pixel = i / 3;
            int field = pixel / width * 8 / height * 8 + pixel % width * 8 / width;
            data[i] = fields[field * 3 + i % 3];
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, data, seed * 1000);
    }

    static byte[] bytes(VideoFrame frame) {
        return Arrays.copyOf(frame.data(), frame.bytes());
    }

    /** Mean absolute difference of two pictures, in steps of 0 to 255. */
    static double difference(byte[] one, byte[] other) {
        long sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.abs((one[i] & 0xff) - (other[i] & 0xff));
        }
        return (double) sum / one.length;
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
