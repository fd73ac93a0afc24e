/**
 * What every face of the HTTP API shares: the router over a table of endpoints, the one shape of errors, access token,
 * cross-origin rules, pages, API documentation, and the operator's endpoints.
 *
 * <p>A face ({@code api.scope} and others) hands its endpoints to {@link io.github.tachyscope.api.HttpApi}, asks the
 * actors of {@code session} and renders their replies. Nothing here decides; nothing here blocks the dispatcher that
 * serves requests.
 */
@NullMarked
package io.github.tachyscope.api;

import org.jspecify.annotations.NullMarked;
