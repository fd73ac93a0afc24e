/**
 * Jobs: runs without a peer, whatever face asks for them.
 *
 * <pre>
 *   face --JobPlan--> JobDesk --+--> store.JobLog --claim--> JobWorker --> files      a job that survives a restart
 *                               |                               |
 *                               +------ attached ----------> JobRun --chunks--> face  a stream, as long as its client
 * </pre>
 *
 * <p>A {@link io.github.tachyscope.session.job.JobPlan} says everything that the result depends on; a {@link
 * io.github.tachyscope.session.job.JobRun} makes the chunks of one, on demand; {@link
 * io.github.tachyscope.session.job.JobDesk} is where faces hand in jobs and ask for them. Knows no HTTP.
 */
@NullMarked
package io.github.tachyscope.session.job;

import org.jspecify.annotations.NullMarked;
