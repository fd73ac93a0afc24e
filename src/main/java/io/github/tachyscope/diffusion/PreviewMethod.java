package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a generation shows its estimates while it denoises. One that lacks a method uses the next cheaper one it has. */
public enum PreviewMethod {
    /** Not at all. */
    NONE,
    /** One linear map from latent channels to colours: a picture of the size of the latents. */
    LATENT2RGB,
    /** A small decoder. */
    TAESD,
    /** The decoder that makes the finished pictures. */
    FULL;

    public static Optional<PreviewMethod> named(String wireName) {
        return Arrays.stream(values())
                .filter(method -> method.wireName().equals(wireName))
                .findFirst();
    }

    /** What parameters ask for; nothing if they name none, or one that does not exist. */
    public static PreviewMethod of(Parameters parameters) {
        return parameters
                .value(CommonParameters.PREVIEW_METHOD)
                .flatMap(name -> named(name.asText()))
                .orElse(NONE);
    }

    /** What holds after parameters were changed: this method, unless the change names one. */
    public PreviewMethod after(Parameters patch) {
        return patch.value(CommonParameters.PREVIEW_METHOD).isPresent() ? of(patch) : this;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** These parameters with this method. */
    public Parameters in(Parameters parameters) {
        return parameters.with(CommonParameters.PREVIEW_METHOD, TextNode.valueOf(wireName()));
    }
}
