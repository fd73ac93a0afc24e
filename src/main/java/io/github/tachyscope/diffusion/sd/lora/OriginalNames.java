package io.github.tachyscope.diffusion.sd.lora;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a denoiser's modules in the original SDXL code, with underscores for dots: blocks are counted through, a
 * block's layers are {@code 0} (ResNet), {@code 1} (attention) and a sampler.
 */
final class OriginalNames {
    private static final Pattern BLOCK =
            Pattern.compile("(down|up)_blocks\\.(\\d+)\\.(resnets|attentions|downsamplers|upsamplers)\\.(\\d+)\\.(.+)");
    private static final Pattern MIDDLE = Pattern.compile("mid_block\\.(resnets|attentions)\\.(\\d)\\.(.+)");
    private static final Map<String, String> RESNET = Map.of(
            "conv1", "in_layers_2",
            "conv2", "out_layers_3",
            "time_emb_proj", "emb_layers_1",
            "conv_shortcut", "skip_connection");
    private static final Map<String, String> SINGLE = Map.of(
            "conv_in", "input_blocks_0_0",
            "conv_out", "out_2",
            "time_embedding.linear_1", "time_embed_0",
            "time_embedding.linear_2", "time_embed_2",
            "add_embedding.linear_1", "label_emb_0_0",
            "add_embedding.linear_2", "label_emb_0_2");

    private final int layersPerBlock;

    OriginalNames(int layersPerBlock) {
        this.layersPerBlock = layersPerBlock;
    }

    /** All spellings of {@code module}, none if the original code has no such module. */
    List<String> of(String module) {
        if (SINGLE.containsKey(module)) {
            return List.of(SINGLE.get(module));
        }
        Matcher middle = MIDDLE.matcher(module);
        if (middle.matches()) {
            boolean attention = middle.group(1).equals("attentions");
            int position = attention ? 1 : 2 * Integer.parseInt(middle.group(2));
            return List.of("middle_block_" + position + "_" + part(middle.group(1), middle.group(3)));
        }
        Matcher block = BLOCK.matcher(module);
        return block.matches() ? block(block) : List.of();
    }

    private List<String> block(Matcher match) {
        boolean down = match.group(1).equals("down");
        int block = Integer.parseInt(match.group(2));
        String kind = match.group(3);
        int layer = Integer.parseInt(match.group(4));
        String rest = match.group(5);
        int blockLength = layersPerBlock + 1;
        if (kind.equals("downsamplers")) {
            return List.of("input_blocks_" + (1 + block * blockLength + layersPerBlock) + "_0_op");
        }
        if (kind.equals("upsamplers")) {
            // The sampler comes last: after the attention, or after the ResNet of a block without one.
            String position = "output_blocks_" + (block * blockLength + layersPerBlock);
            return List.of(position + "_2_conv", position + "_1_conv");
        }
        int index = block * blockLength + layer;
        int part = kind.equals("attentions") ? 1 : 0;
        String position = down ? "input_blocks_" + (1 + index) : "output_blocks_" + index;
        return List.of(position + "_" + part + "_" + part(kind, rest));
    }

    private static String part(String kind, String rest) {
        return kind.equals("resnets") ? RESNET.getOrDefault(rest, rest) : rest.replace('.', '_');
    }
}
