package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Between frames and tensors in -1 to 1: one copy of packed bytes each way. Used by the codec lane only. */
public final class Pictures {
    private static final long CHANNELS = 3;

    /** Pictures scaled and converted before the copy. */
    private static final int POOLED_INPUTS = 8;

    /** Finished pictures on their way to the encoder: those of a full batch and some that wait. */
    private static final int POOLED_OUTPUTS = 32;

    private static final ScalarOptional ZERO = TensorScope.keep(new ScalarOptional(new Scalar(0.0)));
    private static final ScalarOptional ONE = TensorScope.keep(new ScalarOptional(new Scalar(1.0)));

    private final int width;
    private final int height;
    private final Placement placement;
    private final FramePool scaled = new FramePool(POOLED_INPUTS);
    private final FramePool converted = new FramePool(POOLED_INPUTS);
    private final FramePool output = new FramePool(POOLED_OUTPUTS);

    public Pictures(int width, int height, Placement placement) {
        this.width = width;
        this.height = height;
        this.placement = placement;
    }

    /** The frame in the model's size as packed RGB; the caller releases it. */
    public VideoFrame fitted(VideoFrame frame) {
        VideoFrame fitting = PictureScaler.scale(frame, width, height, scaled);
        VideoFrame rgb = PixelConversion.toRgb24(fitting, converted);
        fitting.release();
        return rgb;
    }

    /** The numbers of {@linkplain #fitted fitted} pictures in -1 to 1, one after the other. */
    public float[] numbers(List<VideoFrame> fitted) {
        int size = PixelFormat.RGB24.bytes(width, height);
        float[] numbers = new float[size * fitted.size()];
        for (int i = 0; i < fitted.size(); i++) {
            byte[] data = fitted.get(i).data();
            for (int j = 0; j < size; j++) {
                numbers[i * size + j] = (data[j] & 0xff) / 127.5f - 1;
            }
        }
        return numbers;
    }

    /** {@linkplain #fitted Fitted} pictures as {@code [N, 3, H, W]} in -1 to 1, fp32, channels-last. */
    public Tensor tensor(List<VideoFrame> fitted) {
        int size = PixelFormat.RGB24.bytes(width, height);
        Tensor packed = torch.empty(
                new long[] {fitted.size(), height, width, CHANNELS}, Placement.CPU.options(ScalarType.Byte), null);
        BytePointer bytes = new BytePointer(packed.data_ptr());
        for (int i = 0; i < fitted.size(); i++) {
            bytes.position((long) i * size).put(fitted.get(i).data(), 0, size);
        }
        return placement
                .place(packed, ScalarType.Byte)
                .permute(0, 3, 1, 2)
                .to(ScalarType.Float)
                .div(new Scalar(255.0))
                .mul(new Scalar(2.0))
                .sub(new Scalar(1.0));
    }

    /** The pictures of {@code [N, 3, H, W]} in -1 to 1, each at its time; the caller owns them. */
    public List<VideoFrame> frames(Tensor pictures, List<Long> ptsMicros) {
        // Halves go to the even neighbour, as in the reference.
        Tensor rgb = pictures.to(ScalarType.Float)
                .mul(new Scalar(0.5))
                .add(new Scalar(0.5))
                .clamp(ZERO, ONE)
                .mul(new Scalar(255.0))
                .round()
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

    public static byte[] copied(VideoFrame frame) {
        return Arrays.copyOf(frame.data(), frame.bytes());
    }

    /** A picture once more, at another time; the caller owns it. */
    public VideoFrame again(byte[] shown, long ptsMicros) {
        VideoFrame frame = output.take(PixelFormat.RGB24, width, height, ptsMicros);
        System.arraycopy(shown, 0, frame.data(), 0, shown.length);
        return frame;
    }
}
