package io.github.tachyscope.app;

/** Graphs as scripts and tools send them. */
final class ComfyGraphs {
    private ComfyGraphs() {}

    /** Text to image, with the ids that scripts know. */
    static String picture(String prompt, long seed, int steps, int batch) {
        return """
                {"3": {"class_type": "KSampler", "inputs": {"cfg": 8, "denoise": 1, "latent_image": ["5", 0],
                    "model": ["4", 0], "negative": ["7", 0], "positive": ["6", 0], "sampler_name": "euler",
                    "scheduler": "normal", "seed": %s, "steps": %d}},
                 "4": {"class_type": "CheckpointLoaderSimple",
                    "inputs": {"ckpt_name": "v1-5-pruned-emaonly.safetensors"}},
                 "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": %d, "height": 64, "width": 64}},
                 "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "%s"}},
                 "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "bad hands"}},
                 "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
                 "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}}}
                """.formatted(Long.toUnsignedString(seed), steps, batch, prompt);
    }

    /** The same, sent over the socket and not kept. */
    static String overTheSocket(String prompt, int batch) {
        return picture(prompt, 7, 2, batch)
                .replace(
                        "\"SaveImage\", \"inputs\": {\"filename_prefix\": \"ComfyUI\", ",
                        "\"SaveImageWebsocket\", \"inputs\": {");
    }

    /** Text to video, as a tool of Open WebUI sends it. */
    static String video(int width, int height, int frames, int steps) {
        return """
                {"1": {"class_type": "UNETLoader",
                    "inputs": {"unet_name": "wan2.1_t2v_1.3B_bf16.safetensors", "weight_dtype": "default"}},
                 "2": {"class_type": "CLIPLoader",
                    "inputs": {"clip_name": "umt5_xxl_fp8_e4m3fn_scaled.safetensors", "type": "wan"}},
                 "3": {"class_type": "VAELoader", "inputs": {"vae_name": "wan_2.1_vae.safetensors"}},
                 "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox in the snow", "clip": ["2", 0]}},
                 "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["2", 0]}},
                 "6": {"class_type": "EmptyWanLatentVideo",
                    "inputs": {"width": %d, "height": %d, "length": %d, "batch_size": 1}},
                 "7": {"class_type": "KSampler", "inputs": {"seed": 42, "steps": %d, "cfg": 6.0,
                    "sampler_name": "uni_pc_bh2", "scheduler": "normal", "denoise": 1.0, "model": ["1", 0],
                    "positive": ["4", 0], "negative": ["5", 0], "latent_image": ["6", 0]}},
                 "8": {"class_type": "VAEDecode", "inputs": {"samples": ["7", 0], "vae": ["3", 0]}},
                 "9": {"class_type": "SaveImage",
                    "inputs": {"images": ["8", 0], "filename_prefix": "OpenWebUI_video"}}}
                """.formatted(width, height, frames, steps);
    }
}
