package io.github.tachyscope.diffusion.passthrough;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PassthroughTest {
    @Test
    void givesEachRunItsVeryFrameBackAndLeavesItOwnedOnce() {
        Pipeline pipeline = new PassthroughProvider().load(Parameters.none(), Placement.CPU, stage -> {});
        FramePool pool = new FramePool(4);
        GenerationRequest request = new GenerationRequest(InputMode.VIDEO, Parameters.none());
        List<Generation> batch = List.of(pipeline.open(request), pipeline.open(request));
        List<VideoFrame> frames =
                List.of(pool.take(PixelFormat.I420, 33, 17, 5), pool.take(PixelFormat.I420, 33, 17, 7));
        for (int i = 0; i < 2; i++) {
            assertEquals(NextStep.NeedsDemand.INSTANCE, batch.get(i).next(Lane.CODEC));
            batch.get(i).demand();
            assertEquals(new NextStep.NeedsInput(1), batch.get(i).next(Lane.CODEC));
            batch.get(i).feed(List.of(frames.get(i)));
        }
        List<StepResult> results = pipeline.run(Lane.CODEC, batch);
        for (int i = 0; i < 2; i++) {
            VideoFrame out = results.get(i).frames().get(0);
            batch.get(i).commit(results.get(i));
            assertSame(frames.get(i), out);
            byte[] buffer = out.data();
            out.release();
            assertSame(buffer, pool.take(PixelFormat.I420, 33, 17, 0).data(), "the buffer is back in the pool");
        }
    }

    @Test
    void aRunWithASizeGetsItsFramesAtThatSize() {
        Pipeline pipeline = new PassthroughProvider().load(Parameters.none(), Placement.CPU, stage -> {});
        PictureSize wanted = new PictureSize(50, 34);
        Generation one = pipeline.open(new GenerationRequest(InputMode.VIDEO, Parameters.none(), Optional.of(wanted)));
        one.demand();
        one.feed(List.of(new FramePool(1).take(PixelFormat.I420, 33, 17, 5)));
        StepResult result = pipeline.run(Lane.CODEC, List.of(one)).get(0);
        one.commit(result);
        assertEquals(wanted, PictureSize.of(result.frames().get(0)));
        assertEquals(5, result.frames().get(0).ptsMicros());
        GenerationRequest tooSmall =
                new GenerationRequest(InputMode.VIDEO, Parameters.none(), Optional.of(new PictureSize(15, 34)));
        ParameterRejected refused = assertThrows(ParameterRejected.class, () -> pipeline.open(tooSmall));
        assertEquals(CommonParameters.WIDTH, refused.parameter());
    }
}
