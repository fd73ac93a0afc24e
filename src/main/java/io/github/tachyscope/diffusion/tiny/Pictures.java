package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Between frames and tensors of one size: one copy of packed bytes each way, the rest on the tensor's side. Used by the
 * codec lane only.
 */
final class Pictures implements AutoCloseable {
    private static final long CHANNELS = 3;
    /** Pictures scaled and converted before the copy, one at a time each. */
    private static final int POOLED_INPUTS = 2;

    private static final Scalar TO_UNIT = kept(new Scalar(1 / 255.0));
    private static final Scalar TO_BYTE = kept(new Scalar(255.0));
    private static final Scalar HALF = kept(new Scalar(0.5));
    private static final ScalarOptional LEAST = kept(new ScalarOptional(kept(new Scalar(0.0))));
    private static final ScalarOptional MOST = kept(new ScalarOptional(TO_BYTE));

    private final int width;
    private final int height;
    private final int maxBatch;
    private final Placement placement;
    private final FramePool scaled = new FramePool(POOLED_INPUTS);
    private final FramePool converted = new FramePool(POOLED_INPUTS);
    private final FramePool output;
    /** All pictures of a batch, packed; filled anew for each. */
    private final Tensor packed;

    private final BytePointer bytes;

    Pictures(PictureSize size, int maxBatch, int pooledOutputs, Placement placement) {
        this.width = size.width();
        this.height = size.height();
        this.maxBatch = maxBatch;
        this.placement = placement;
        this.output = new FramePool(pooledOutputs);
        try (TensorScope scope = TensorScope.inference()) {
            packed = TensorScope.keep(torch.zeros(
                    new long[] {maxBatch, height, width, CHANNELS}, Placement.CPU.options(ScalarType.Byte)));
            bytes = TensorScope.keep(new BytePointer(packed.data_ptr()));
        }
    }

    private static <P extends Pointer> P kept(P constant) {
        return TensorScope.keep(constant);
    }

    /** The frames, stretched to the model's size, as {@code [B, 3, H, W]} in 0 to 1, channels-last. */
    Tensor tensor(List<VideoFrame> frames) {
        if (frames.size() > maxBatch) {
            throw new IllegalArgumentException(frames.size() + " pictures in a batch of at most " + maxBatch);
        }
        long size = PixelFormat.RGB24.bytes(width, height);
        for (int i = 0; i < frames.size(); i++) {
            VideoFrame fitting = PictureScaler.scale(frames.get(i), width, height, scaled);
            VideoFrame rgb = PixelConversion.toRgb24(fitting, converted);
            bytes.position(i * size).put(rgb.data(), 0, rgb.bytes());
            rgb.release();
            fitting.release();
        }
        // Interleaved rows with the channels called second are what channels-last means: no reordering.
        return placement
                .place(packed.narrow(0, 0, frames.size()))
                .permute(0, 3, 1, 2)
                .mul(TO_UNIT);
    }

    /** The pictures of {@code [B, 3, H, W]} in 0 to 1, each at its time; the caller owns them. */
    List<VideoFrame> frames(Tensor pictures, List<Long> ptsMicros) {
        Tensor rgb = pictures.to(ScalarType.Float)
                .mul(TO_BYTE)
                .add_(HALF)
                .clamp_(LEAST, MOST)
                .to(ScalarType.Byte)
                .contiguous(MemoryFormat.ChannelsLast)
                .cpu();
        BytePointer all = new BytePointer(rgb.data_ptr());
        List<VideoFrame> frames = new ArrayList<>();
        for (int i = 0; i < ptsMicros.size(); i++) {
            VideoFrame frame = output.take(PixelFormat.RGB24, width, height, ptsMicros.get(i));
            all.position((long) i * frame.bytes()).get(frame.data(), 0, frame.bytes());
            frames.add(frame);
        }
        return frames;
    }

    @Override
    public void close() {
        TensorScope.release(bytes);
        TensorScope.release(packed);
    }
}
