/**
 * Tachyscope: live video diffusion, scheduled one denoising step at a time.
 *
 * <p>Layers, top to bottom; a package may use those below its line and never those beside or above it:
 *
 * <pre>
 * 7  app                                          start, wiring, command line, shutdown
 * 6  api  (api.scope, ...)                        HTTP, WebSocket, SSE: translate, never decide
 * 5  session                                      one actor per session; registry, parameters
 * 4  flow | download                              the path of a frame as one stream graph | models onto this machine
 * 3  schedule -&gt; exec                             what runs next -&gt; where it runs
 * 2  diffusion | media | rtc | store | fetch      peers: none sees another
 * 1  tensor | frame | wire | config | metrics     leaves
 * </pre>
 */
@NullMarked
package io.github.tachyscope;

import org.jspecify.annotations.NullMarked;
