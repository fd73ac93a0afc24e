package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.sd.text.ClipTextConfig;
import io.github.tachyscope.diffusion.sd.text.ClipTextModel;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import java.util.Arrays;
import java.util.List;

/** The model in its true size, untrained. */
final class RandomModel {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RandomModel() {}

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (Exception wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    static Networks networks(Placement placement) {
        RandomWeights vae = new RandomWeights(1, placement);
        RandomWeights unet = new RandomWeights(2, placement);
        RandomWeights text = new RandomWeights(3, placement);
        AutoencoderTiny autoencoder = AutoencoderTiny.take(
                AutoencoderTinyConfig.read(json("{'in_channels':3,'out_channels':3,'patch_size':2,'latent_channels':12,"
                        + "'pixel_range':[0,1],'encoder_block_out_channels':[32,32],'decoder_block_out_channels':[32,32],"
                        + "'num_encoder_blocks':[1,2],'num_decoder_blocks':[3,1]}")),
                vae);
        UNet denoiser = UNet.take(
                UNetConfig.read(json("{'in_channels':12,'out_channels':12,'block_out_channels':[48,72,96],"
                        + "'layers_per_block':1,'down_block_types':['DownBlock2D','DownBlock2D','CrossAttnDownBlock2D'],"
                        + "'up_block_types':['CrossAttnUpBlock2D','UpBlock2D','UpBlock2D'],'attention_head_dim':3,"
                        + "'cross_attention_dim':96,'norm_num_groups':8,'use_linear_projection':true,"
                        + "'resnet_time_scale_shift':'scale_shift','freq_shift':0,'flip_sin_to_cos':true,"
                        + "'class_embed_type':'projection','projection_class_embeddings_input_dim':96}")),
                unet);
        ClipTextModel encoder = ClipTextModel.take(
                ClipTextConfig.read(json("{'vocab_size':1400,'hidden_size':96,'intermediate_size':384,"
                        + "'num_hidden_layers':2,'num_attention_heads':4,'max_position_embeddings':24,"
                        + "'hidden_act':'quick_gelu','eos_token_id':1399}")),
                text);
        return new ModelNetworks(
                autoencoder,
                denoiser,
                encoder,
                RandomModel::tokens,
                placement,
                () -> List.of(vae, unet, text).forEach(RandomWeights::close));
    }

    private static long[] tokens(String text) {
        long[] ids = new long[24];
        Arrays.fill(ids, 1399);
        ids[0] = 1398;
        for (int i = 0; i < Math.min(22, text.length()); i++) {
            ids[i + 1] = text.charAt(i) % 1398;
        }
        return ids;
    }
}
