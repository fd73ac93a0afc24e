/**
 * Videos sent over a WebSocket while they are made: {@code /v1/videos/stream} and {@code /v1/realtime/video}.
 *
 * <pre>
 *   socket --frames--> StreamSession (actor) --text--> StreamProtocol         what is said and when it ends, without IO
 *          <--one at a time--     |      |--updates--> Interactions           what changes with which chunk
 *                                 |      |--chunks---> Pacer, StreamFigures   when they leave, how that went
 *                                 +--JobPlan--> session.job.JobRun --chunks on demand--> encoder
 * </pre>
 *
 * <p>Requests and plans are those of {@code api.video}; knows nothing of jobs that outlive their client.
 */
@NullMarked
package io.github.tachyscope.api.video.stream;

import org.jspecify.annotations.NullMarked;
