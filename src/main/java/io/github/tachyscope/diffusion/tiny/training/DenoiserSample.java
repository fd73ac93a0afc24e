package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.tiny.NoiseSchedule;
import io.github.tachyscope.diffusion.tiny.style.Captions;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One picture of the denoiser's batch.
 *
 * @param input what the camera, or an earlier step, shows
 * @param target what the denoiser should make of it
 * @param sigma noise level
 * @param prompt of the first style
 * @param other a second prompt and its style, for blends
 * @param weight of the first prompt, 1 without a second
 */
record DenoiserSample(Tensor input, Tensor target, double sigma, Prompt prompt, Optional<Prompt> other, double weight) {
    /** Strengths below this are hardly visible. */
    private static final double LEAST_STRENGTH = 0.08;

    private static final double BY_STRENGTH = 0.7;
    private static final double PURE_NOISE = 0.04;
    private static final double LEAST_UNIFORM = 0.3;
    private static final double CAMERA_NOISE = 0.025;
    private static final double NOISY_CAMERA = 0.75;
    private static final double FROM_CAMERA = 0.6;
    private static final double FROM_STYLED = 0.26;
    /** From this noise level on the style is complete. */
    private static final double FULL_STYLE = 0.1;

    private static final double BLENDED = 0.12;
    private static final double COLOURED = 0.33;

    /** A caption and what it asks for. */
    record Prompt(String text, Style style, ColourOperation colour) {}

    static DenoiserSample draw(SplittableRandom random, Crops crops, int side) {
        Crops.Crop crop = crops.draw(random, side);
        double sigma = sigma(random);
        Tensor scene = crops.clean(crop);
        Prompt prompt = prompt(random, sigma, crops.content(crop));
        Tensor styled = crops.styled(crop, prompt.style(), prompt.colour());
        Optional<Prompt> other = Optional.empty();
        double weight = 1;
        if (random.nextDouble() < BLENDED) {
            weight = random.nextDouble();
            other = Optional.of(prompt(random, sigma, crops.content(crop)));
            Tensor second = crops.styled(crop, other.get().style(), other.get().colour());
            styled = styled.mul(new Scalar(weight)).add(second.mul(new Scalar(1 - weight)));
        }
        double state = state(random);
        double ramp = Math.max(state, Math.min(1, sigma / FULL_STYLE));
        Tensor camera = camera(random, scene);
        return new DenoiserSample(
                between(camera, styled, state), between(scene, styled, ramp), sigma, prompt, other, weight);
    }

    private static Tensor between(Tensor from, Tensor to, double share) {
        return from.lerp(to, new Scalar(share));
    }

    private static Prompt prompt(SplittableRandom random, double sigma, String content) {
        Style style = Style.values()[random.nextInt(Style.values().length)];
        ColourOperation colour = random.nextDouble() < COLOURED
                ? ColourOperation.values()[random.nextInt(1, ColourOperation.values().length)]
                : ColourOperation.NONE;
        RandomGenerator words = random.split();
        String text = Captions.caption(words, style, colour, Captions.contentFor(words, sigma, content));
        return new Prompt(text, style, colour);
    }

    private static double sigma(SplittableRandom random) {
        double draw = random.nextDouble();
        double place = random.nextDouble();
        if (random.nextDouble() < PURE_NOISE) {
            return 1;
        }
        return draw < BY_STRENGTH
                ? NoiseSchedule.sigma(LEAST_STRENGTH + (1 - LEAST_STRENGTH) * place)
                : LEAST_UNIFORM + (1 - LEAST_UNIFORM) * place;
    }

    private static double state(SplittableRandom random) {
        double draw = random.nextDouble();
        if (draw < FROM_CAMERA) {
            return 0;
        }
        return draw < FROM_CAMERA + FROM_STYLED ? 1 : random.nextDouble();
    }

    /** Sensor noise, never in the target: what keeps a still camera's picture still. */
    private static Tensor camera(SplittableRandom random, Tensor scene) {
        if (random.nextDouble() >= NOISY_CAMERA) {
            return scene;
        }
        double deviation = Math.abs(random.nextGaussian()) * CAMERA_NOISE;
        GeneratorOptional generator = new GeneratorOptional(torch.createCPUGenerator(random.nextLong()));
        Tensor noise = torch.randn(scene.shape(), generator).to(scene.device(), scene.scalar_type());
        return scene.add(noise.mul(new Scalar(deviation)));
    }
}
