package io.github.tachyscope.store;

/**
 * The right to work on a job. Every claim of a job has another number, so a runner whose job was taken for lost and
 * given away cannot change it any more.
 *
 * @param node the server that claimed
 * @param attempt counts the claims of that job, from 1
 */
public record Claim(String jobId, String node, int attempt) {}
