package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.InputType.flag;
import static io.github.tachyscope.api.comfy.graph.InputType.linked;
import static io.github.tachyscope.api.comfy.graph.InputType.oneOf;
import static io.github.tachyscope.api.comfy.graph.InputType.picture;
import static io.github.tachyscope.api.comfy.graph.InputType.real;
import static io.github.tachyscope.api.comfy.graph.InputType.text;
import static io.github.tachyscope.api.comfy.graph.InputType.whole;

import java.util.List;

/** Nodes that decode, load, scale and keep pictures and videos. */
final class PictureNodes {
    private static final InputType IMAGE = linked("IMAGE");
    private static final InputType LATENT = linked("LATENT");
    private static final InputType VAE = linked("VAE");
    private static final InputType PREFIX = text("ComfyUI");

    static final List<NodeClass> ALL = List.of(
            NodeClass.of("VAEDecode", "VAE Decode", "latent")
                    .needs("samples", LATENT)
                    .needs("vae", VAE)
                    .gives("IMAGE"),
            NodeClass.of("VAEDecodeTiled", "VAE Decode (Tiled)", "latent")
                    .needs("samples", LATENT)
                    .needs("vae", VAE)
                    .needs("tile_size", whole(512, 64, 4096, 32))
                    .takes("overlap", whole(64, 0, 4096, 32))
                    .takes("temporal_size", whole(64, 8, 4096, 4))
                    .takes("temporal_overlap", whole(8, 4, 4096, 4))
                    .gives("IMAGE"),
            NodeClass.of("LoadImage", "Load Image", "image")
                    .needs("image", picture())
                    .gives("IMAGE")
                    .gives("MASK"),
            NodeClass.of("ImageScale", "Upscale Image", "image/upscaling")
                    .needs("image", IMAGE)
                    .needs("upscale_method", filter())
                    .needs("width", whole(512, 0, SamplingNodes.MAX))
                    .needs("height", whole(512, 0, SamplingNodes.MAX))
                    .needs("crop", oneOf("disabled", "center"))
                    .gives("IMAGE"),
            NodeClass.of("ImageScaleBy", "Upscale Image By", "image/upscaling")
                    .needs("image", IMAGE)
                    .needs("upscale_method", filter())
                    .needs("scale_by", real(1, 0.01, 8, 0.01))
                    .gives("IMAGE"),
            NodeClass.of("SaveImage", "Save Image", "image")
                    .needs("images", IMAGE)
                    .needs("filename_prefix", PREFIX)
                    .isOutput(),
            NodeClass.of("PreviewImage", "Preview Image", "image")
                    .needs("images", IMAGE)
                    .isOutput(),
            NodeClass.of("SaveImageWebsocket", "SaveImageWebsocket", "api/image")
                    .needs("images", IMAGE)
                    .isOutput()
                    .runsAlways(),
            NodeClass.of("SaveAnimatedWEBP", "SaveAnimatedWEBP", "image/animation")
                    .needs("images", IMAGE)
                    .needs("filename_prefix", PREFIX)
                    .needs("fps", real(6, 0.01, 1000, 0.01))
                    .needs("lossless", flag(true))
                    .needs("quality", whole(80, 0, 100))
                    .needs("method", oneOf("default", "fastest", "slowest"))
                    .isOutput(),
            NodeClass.of("SaveWEBM", "SaveWEBM", "image/video")
                    .needs("images", IMAGE)
                    .needs("filename_prefix", PREFIX)
                    .needs("codec", oneOf("vp9", "av1"))
                    .needs("fps", real(24, 0.01, 1000, 0.01))
                    .needs("crf", real(32, 0, 63, 1))
                    .isOutput(),
            NodeClass.of("CreateVideo", "Create Video", "image/video")
                    .needs("images", IMAGE)
                    .needs("fps", real(30, 1, 120, 1))
                    .takes("audio", linked("AUDIO"))
                    .gives("VIDEO"),
            NodeClass.of("SaveVideo", "Save Video", "image/video")
                    .needs("video", linked("VIDEO"))
                    .needs("filename_prefix", text("video/ComfyUI"))
                    .needs("format", oneOf("auto", "mp4"))
                    .needs("codec", oneOf("auto", "h264"))
                    .isOutput(),
            NodeClass.of("VHS_VideoCombine", "Video Combine", "video")
                    .needs("images", IMAGE)
                    .needsEither("frame_rate", "fps", real(8, 1, 1000, 1))
                    .needs("filename_prefix", text("AnimateDiff"))
                    .needs("format", oneOf("video/h264-mp4", "video/webm", "video/av1-webm", "image/gif", "image/webp"))
                    .takes("loop_count", whole(0, 0, 100))
                    .takes("pingpong", flag(false))
                    .takes("save_output", flag(true))
                    .isOutput());

    private PictureNodes() {}

    private static InputType filter() {
        return oneOf("nearest-exact", "bilinear", "area", "bicubic", "lanczos");
    }
}
