package io.github.tachyscope.diffusion.passthrough;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.List;
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
}
