package io.github.tachyscope.store;

import java.util.Optional;

/**
 * What was asked for, in full. Kept apart from {@link Job} because it may be megabytes.
 *
 * @param json what to generate, the same form for every face
 * @param notes JSON that only the face reads which made the job, such as what it answered
 */
public record JobRequest(String json, Optional<String> notes) {}
