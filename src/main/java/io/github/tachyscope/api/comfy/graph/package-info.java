/**
 * What a ComfyUI graph asks for: node classes as data, the check of a graph against them, and the reader that turns a
 * checked graph into what an engine can do.
 *
 * <pre>
 *   bytes --PromptRequest--> --GraphCheck--> CheckedGraph --GraphReader--> GraphPlan
 *                 |                |                             |
 *           GraphRefused     GraphRefused                  NotRunnable
 * </pre>
 *
 * <p>Fed by the routes of {@code api.comfy}, which also say what the server offers ({@link
 * io.github.tachyscope.api.comfy.graph.Offer}). Pure: it knows neither HTTP nor actors, pipelines, clocks and files.
 * Nothing here recurses over a graph, and no list that is sent back grows with the square of its size.
 */
@NullMarked
package io.github.tachyscope.api.comfy.graph;

import org.jspecify.annotations.NullMarked;
