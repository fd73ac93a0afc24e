package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.testkit.Fixtures;

/** The model in its true size, untrained. */
final class RandomModel {
    private RandomModel() {}

    static Networks networks(Placement placement) {
        return new ModelNetworks(TinyModel.of(
                new RandomWeights(1, placement),
                new RandomWeights(2, placement),
                new RandomWeights(3, placement),
                ClipTokenizer.read(Fixtures.folder("tokenizer_tiny"))));
    }
}
