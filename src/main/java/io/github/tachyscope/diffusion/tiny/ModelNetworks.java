package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.sd.text.ClipTextOutput;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The networks of the bundled model. */
final class ModelNetworks implements Networks {
    private final TinyModel model;
    private final Placement placement;

    /** Takes ownership of the model. */
    ModelNetworks(TinyModel model) {
        this.model = model;
        this.placement = model.placement();
    }

    @Override
    public int promptWidth() {
        return model.textEncoder().config().width();
    }

    @Override
    public int latentChannels() {
        return model.autoencoder().config().latentChannels();
    }

    @Override
    public Placement placement() {
        return placement;
    }

    @Override
    public List<float[]> prompts(List<String> texts) {
        int length = model.textEncoder().config().positions();
        long[] ids = new long[texts.size() * length];
        for (int i = 0; i < texts.size(); i++) {
            System.arraycopy(model.tokenizer().encode(texts.get(i), length), 0, ids, i * length, length);
        }
        Tensor tokens = Tensor.create(ids, texts.size(), length);
        ClipTextOutput output = model.textEncoder().forward(placement.place(tokens, ScalarType.Long));
        Tensor rows = torch.cat(new TensorVector(output.last(), output.pooled().unsqueeze(1)), 1)
                .to(ScalarType.Float)
                .cpu()
                .contiguous();
        FloatPointer numbers = new FloatPointer(rows.data_ptr());
        List<float[]> prompts = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            float[] prompt = new float[(length + 1) * promptWidth()];
            numbers.position((long) i * prompt.length).get(prompt);
            prompts.add(prompt);
        }
        return prompts;
    }

    @Override
    public Tensor encode(Tensor pictures) {
        return model.autoencoder().encode(pictures);
    }

    @Override
    public Guidance guidance(float[] prompt) {
        try (TensorScope scope = TensorScope.inference()) {
            int width = promptWidth();
            long length = prompt.length / width - 1;
            Tensor rows = placement.place(Tensor.create(prompt, 1, length + 1, width));
            Tensor pooled = rows.select(1, length);
            return new Prompted(model.denoiser()
                    .condition(rows.narrow(1, 0, length), pooled)
                    .keep());
        }
    }

    @Override
    public Tensor denoise(Tensor noisy, double[] sigmas, List<Guidance> guidance) {
        List<Conditioning> prompts = new ArrayList<>();
        List<TimeConditioning> times = new ArrayList<>();
        for (int i = 0; i < sigmas.length; i++) {
            Prompted prompted = (Prompted) guidance.get(i);
            prompts.add(prompted.conditioning);
            times.add(prompted.at(sigmas[i]));
        }
        return model.denoiser().forward(noisy, TimeConditioning.cat(times), Conditioning.cat(prompts));
    }

    @Override
    public Tensor decode(Tensor latents) {
        return model.autoencoder().decode(latents);
    }

    @Override
    public void close() {
        model.close();
    }

    /** A prompt's keys, values and share of the time embedding, and the time embeddings used with it lately. */
    private final class Prompted implements Guidance {
        /** Noise levels kept: all of a text-made frame, and some of those that a noise controller passes through. */
        private static final int MAX_LEVELS = 16;

        private final Conditioning conditioning;
        private final Map<Double, TimeConditioning> levels = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Double, TimeConditioning> eldest) {
                boolean full = size() > MAX_LEVELS;
                if (full) {
                    eldest.getValue().release();
                }
                return full;
            }
        };

        Prompted(Conditioning kept) {
            this.conditioning = kept;
        }

        TimeConditioning at(double sigma) {
            return levels.computeIfAbsent(sigma, this::compute);
        }

        private TimeConditioning compute(double sigma) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor timestep = torch.full(
                        new long[] {1}, new Scalar(NoiseSchedule.timestep(sigma)), placement.options(ScalarType.Float));
                return model.denoiser().time(timestep, conditioning).keep();
            }
        }

        @Override
        public void close() {
            conditioning.release();
            levels.values().forEach(TimeConditioning::release);
            levels.clear();
        }
    }
}
