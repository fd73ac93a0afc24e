package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.InputType.flag;
import static io.github.tachyscope.api.comfy.graph.InputType.linked;
import static io.github.tachyscope.api.comfy.graph.InputType.offered;
import static io.github.tachyscope.api.comfy.graph.InputType.oneOf;
import static io.github.tachyscope.api.comfy.graph.InputType.real;
import static io.github.tachyscope.api.comfy.graph.InputType.seed;
import static io.github.tachyscope.api.comfy.graph.InputType.whole;

import java.util.List;

/** Nodes that make latents and sample them. */
final class SamplingNodes {
    /** Longest side, and most frames, that graphs may ask for. */
    static final int MAX = 16384;

    private static final int MAX_STEPS = 10_000;
    private static final InputType MODEL = linked("MODEL");
    private static final InputType VAE = linked("VAE");
    private static final InputType CONDITIONING = linked("CONDITIONING");
    private static final InputType LATENT = linked("LATENT");
    private static final InputType STEPS = whole(20, 1, MAX_STEPS);
    private static final InputType CFG = real(8, 0, 100, 0.1);
    private static final InputType BATCH = whole(1, 1, 4096);

    static final List<NodeClass> ALL = List.of(
            NodeClass.of("EmptyLatentImage", "Empty Latent Image", "latent")
                    .needs("width", whole(512, 16, MAX, 8))
                    .needs("height", whole(512, 16, MAX, 8))
                    .needs("batch_size", BATCH)
                    .gives("LATENT"),
            emptyVideo("EmptyHunyuanLatentVideo", "Empty HunyuanVideo 1.0 Latent"),
            emptyVideo("EmptyWanLatentVideo", "Empty Wan Latent Video"),
            NodeClass.of("WanImageToVideo", "WanImageToVideo", "conditioning/video_models")
                    .needs("positive", CONDITIONING)
                    .needs("negative", CONDITIONING)
                    .needs("vae", VAE)
                    .needs("width", whole(832, 16, MAX, 16))
                    .needs("height", whole(480, 16, MAX, 16))
                    .needs("length", whole(81, 1, MAX, 4))
                    .needs("batch_size", BATCH)
                    .takes("clip_vision_output", linked("CLIP_VISION_OUTPUT"))
                    .takes("start_image", linked("IMAGE"))
                    .gives("CONDITIONING", "positive")
                    .gives("CONDITIONING", "negative")
                    .gives("LATENT", "latent"),
            NodeClass.of("VAEEncode", "VAE Encode", "latent")
                    .needs("pixels", linked("IMAGE"))
                    .needs("vae", VAE)
                    .gives("LATENT"),
            NodeClass.of("KSampler", "KSampler", "sampling")
                    .needs("model", MODEL)
                    .needs("seed", seed())
                    .needs("steps", STEPS)
                    .needs("cfg", CFG)
                    .needs("sampler_name", offered(Offer::samplers))
                    .needs("scheduler", offered(Offer::schedulers))
                    .needs("positive", CONDITIONING)
                    .needs("negative", CONDITIONING)
                    .needs("latent_image", LATENT)
                    .needs("denoise", real(1, 0, 1, 0.01))
                    .gives("LATENT"),
            NodeClass.of("KSamplerAdvanced", "KSampler (Advanced)", "sampling")
                    .needs("model", MODEL)
                    .needs("add_noise", oneOf("enable", "disable"))
                    .needs("noise_seed", seed())
                    .needs("steps", STEPS)
                    .needs("cfg", CFG)
                    .needs("sampler_name", offered(Offer::samplers))
                    .needs("scheduler", offered(Offer::schedulers))
                    .needs("positive", CONDITIONING)
                    .needs("negative", CONDITIONING)
                    .needs("latent_image", LATENT)
                    .needs("start_at_step", whole(0, 0, MAX_STEPS))
                    .needs("end_at_step", whole(MAX_STEPS, 0, MAX_STEPS))
                    .needs("return_with_leftover_noise", oneOf("disable", "enable"))
                    .gives("LATENT"),
            NodeClass.of("ModelSamplingSD3", "ModelSamplingSD3", "advanced/model")
                    .needs("model", MODEL)
                    .needs("shift", real(3, 0, 100, 0.01))
                    .gives("MODEL"),
            NodeClass.of("ModelSamplingDiscrete", "ModelSamplingDiscrete", "advanced/model")
                    .needs("model", MODEL)
                    .needs("sampling", oneOf("eps", "v_prediction", "lcm", "x0"))
                    .needs("zsnr", flag(false))
                    .gives("MODEL"));

    private SamplingNodes() {}

    private static NodeClass emptyVideo(String name, String displayName) {
        return NodeClass.of(name, displayName, "latent/video")
                .needs("width", whole(848, 16, MAX, 16))
                .needs("height", whole(480, 16, MAX, 16))
                .needs("length", whole(25, 1, MAX, 4))
                .needs("batch_size", BATCH)
                .gives("LATENT");
    }
}
