/**
 * Jobs: runs without a peer, whatever face asks for them.
 *
 * <pre>
 *   face --JobWork--> JobDesk --+--> store.JobLog --claim--> JobWorker --> files      a job that survives a restart
 *                               |                               |
 *                               +------ attached ----------> JobRun --chunks--> face  a stream, as long as its client
 * </pre>
 *
 * <p>{@link io.github.tachyscope.session.job.JobWork} is one {@link io.github.tachyscope.session.job.JobPlan} or several,
 * which say everything that the result depends on; each {@link io.github.tachyscope.session.job.Keep} of a plan is a {@link
 * io.github.tachyscope.session.job.FrameWriter}; a {@link
 * io.github.tachyscope.session.job.JobRun} makes the chunks of one, on demand; {@link
 * io.github.tachyscope.session.job.JobDesk} is where faces hand in jobs and ask for them. Knows no HTTP.
 */
@NullMarked
package io.github.tachyscope.session.job;

import org.jspecify.annotations.NullMarked;
