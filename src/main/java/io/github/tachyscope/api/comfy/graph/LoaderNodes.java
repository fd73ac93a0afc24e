package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.InputType.linked;
import static io.github.tachyscope.api.comfy.graph.InputType.offered;
import static io.github.tachyscope.api.comfy.graph.InputType.oneOf;
import static io.github.tachyscope.api.comfy.graph.InputType.prompt;
import static io.github.tachyscope.api.comfy.graph.InputType.real;
import static io.github.tachyscope.api.comfy.graph.InputType.whole;

import java.util.List;

/** Nodes that load models, change them, and make texts into conditioning. */
final class LoaderNodes {
    private static final InputType MODEL = linked("MODEL");
    private static final InputType CLIP = linked("CLIP");
    private static final InputType STRENGTH = real(1, -100, 100, 0.01);

    static final List<NodeClass> ALL = List.of(
            NodeClass.of("CheckpointLoaderSimple", "Load Checkpoint", "loaders")
                    .needs("ckpt_name", offered(Offer::checkpoints))
                    .gives("MODEL")
                    .gives("CLIP")
                    .gives("VAE"),
            NodeClass.of("UNETLoader", "Load Diffusion Model", "loaders")
                    .needs("unet_name", offered(Offer::unets))
                    .needs("weight_dtype", oneOf("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"))
                    .gives("MODEL"),
            NodeClass.of("CLIPLoader", "Load CLIP", "loaders")
                    .needs("clip_name", offered(Offer::clips))
                    .needs("type", oneOf("stable_diffusion", "sd3", "wan"))
                    .takes("device", oneOf("default", "cpu"))
                    .gives("CLIP"),
            NodeClass.of("VAELoader", "Load VAE", "loaders")
                    .needs("vae_name", offered(Offer::vaes))
                    .gives("VAE"),
            NodeClass.of("LoraLoader", "Load LoRA", "loaders")
                    .needs("model", MODEL)
                    .needs("clip", CLIP)
                    .needs("lora_name", offered(Offer::loras))
                    .needs("strength_model", STRENGTH)
                    .needs("strength_clip", STRENGTH)
                    .gives("MODEL")
                    .gives("CLIP"),
            NodeClass.of("LoraLoaderModelOnly", "Load LoRA (Model)", "loaders")
                    .needs("model", MODEL)
                    .needs("lora_name", offered(Offer::loras))
                    .needs("strength_model", STRENGTH)
                    .gives("MODEL"),
            NodeClass.of("CLIPTextEncode", "CLIP Text Encode (Prompt)", "conditioning")
                    .needs("text", prompt())
                    .needs("clip", CLIP)
                    .gives("CONDITIONING"),
            NodeClass.of("CLIPSetLastLayer", "CLIP Set Last Layer", "conditioning")
                    .needs("clip", CLIP)
                    .needs("stop_at_clip_layer", whole(-1, -24, -1))
                    .gives("CLIP"));

    private LoaderNodes() {}
}
