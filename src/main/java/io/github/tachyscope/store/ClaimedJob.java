package io.github.tachyscope.store;

/** What a runner gets to work on. */
public record ClaimedJob(Claim claim, Job job, JobRequest request) {}
