package io.github.tachyscope.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** What models are made of, each on inputs from fixed seeds. */
enum Operation {
    CONV2D {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            Tensor x = place.apply(normal(1, 2, 32, 16, 16)).contiguous(MemoryFormat.ChannelsLast);
            Tensor kernel = place.apply(normal(2, 48, 32, 3, 3)).contiguous(MemoryFormat.ChannelsLast);
            TensorOptional bias = new TensorOptional(place.apply(normal(3, 48)));
            return torch.conv2d(x, kernel, bias, ONE, ONE, ONE, 1);
        }
    },
    STRIDED_CONV2D {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            Tensor x = place.apply(normal(4, 1, 16, 17, 15));
            Tensor kernel = place.apply(normal(5, 8, 16, 3, 3));
            return torch.conv2d(x, kernel, new TensorOptional(), new long[] {2, 2}, ONE, ONE, 1);
        }
    },
    LINEAR {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            TensorOptional bias = new TensorOptional(place.apply(normal(8, 96)));
            return torch.linear(place.apply(normal(6, 3, 40, 64)), place.apply(normal(7, 96, 64)), bias);
        }
    },
    GROUP_NORM {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.group_norm(
                    place.apply(normal(9, 2, 32, 8, 8)),
                    8,
                    new TensorOptional(place.apply(normal(10, 32))),
                    new TensorOptional(place.apply(normal(11, 32))),
                    1e-5,
                    false);
        }
    },
    LAYER_NORM {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.layer_norm(
                    place.apply(normal(12, 2, 20, 64)),
                    new long[] {64},
                    new TensorOptional(place.apply(normal(13, 64))),
                    new TensorOptional(place.apply(normal(14, 64))),
                    1e-5,
                    false);
        }
    },
    SILU {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.silu(place.apply(normal(15, 1000)));
        }
    },
    GELU {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.gelu(place.apply(normal(16, 1000)));
        }
    },
    ATTENTION {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return Attention.full(
                    place.apply(normal(17, 2, 4, 64, 40)),
                    place.apply(normal(18, 2, 4, 77, 40)),
                    place.apply(normal(19, 2, 4, 77, 40)));
        }
    },
    UPSAMPLE {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.upsample_nearest2d(
                    place.apply(normal(20, 1, 8, 7, 5)),
                    new long[] {14, 10},
                    new DoubleOptional(),
                    new DoubleOptional());
        }
    },
    PIXEL_SHUFFLE {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            return torch.pixel_shuffle(place.apply(normal(21, 1, 12, 6, 6)), 2);
        }
    },
    CAT {
        @Override
        Tensor compute(UnaryOperator<Tensor> place) {
            TensorVector parts =
                    new TensorVector(place.apply(normal(22, 1, 8, 4, 4)), place.apply(normal(23, 1, 4, 4, 4)));
            return torch.cat(parts, 1);
        }
    };

    private static final long[] ONE = {1, 1};

    /**
     * The result, inside of a scope.
     *
     * @param place puts an fp32 tensor of the processor where, and in the format in which, to compute
     */
    abstract Tensor compute(UnaryOperator<Tensor> place);

    private static Tensor normal(long seed, long... shape) {
        return Noise.normal(seed, Placement.CPU, shape);
    }
}
