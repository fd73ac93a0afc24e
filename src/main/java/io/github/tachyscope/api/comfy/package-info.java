/**
 * The face for clients of ComfyUI: prompts are graphs, results are files in folders, and what happens is told over
 * WebSockets.
 *
 * <pre>
 *   POST /prompt --api.comfy.graph--> GraphPlan --Works--> JobWork --JobDesk--> queue and runs
 *   JobNews --Hub--> PromptMessages --Outbox of each client--> /ws
 *   job log --PromptLog--> /queue, /history, /api/jobs
 * </pre>
 *
 * <p>The log of jobs is the only memory: queue and history are two views of it, so a prompt is always in one of them. Every
 * path exists twice, as {@code /x} and as {@code /api/x}. Translates; decides nothing about what runs when.
 */
@NullMarked
package io.github.tachyscope.api.comfy;

import org.jspecify.annotations.NullMarked;
