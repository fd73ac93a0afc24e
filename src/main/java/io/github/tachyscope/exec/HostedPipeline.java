package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Pipeline;

/** Loaded weights and how many generations use them. Weights in use are never freed. */
final class HostedPipeline {
    final Pipeline pipeline;
    private int users;
    private boolean retired;
    private boolean closed;

    HostedPipeline(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    void use() {
        users++;
    }

    void unuse() {
        users--;
        closeIfDone();
    }

    /** Takes no new users and is freed with the last one. */
    void retire() {
        retired = true;
        closeIfDone();
    }

    boolean closed() {
        return closed;
    }

    private void closeIfDone() {
        if (retired && users == 0 && !closed) {
            closed = true;
            pipeline.close();
        }
    }
}
