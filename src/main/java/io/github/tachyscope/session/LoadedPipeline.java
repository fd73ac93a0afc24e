package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.PipelineSpec;

/**
 * A loaded member of the chain.
 *
 * @param nodeId its name in the chain
 * @param key under which the executor holds it
 * @param spec what it is
 */
public record LoadedPipeline(String nodeId, String key, PipelineSpec spec) {}
