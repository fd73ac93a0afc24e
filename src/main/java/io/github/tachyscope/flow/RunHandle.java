package io.github.tachyscope.flow;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * An open run, as the flow needs it.
 *
 * @param runId its identity
 * @param mode what it starts from
 * @param geometry frames in and out per chunk
 * @param scheduler whom to ask for chunks
 */
public record RunHandle(RunId runId, InputMode mode, ChunkGeometry geometry, ActorRef<Scheduler.Command> scheduler) {}
