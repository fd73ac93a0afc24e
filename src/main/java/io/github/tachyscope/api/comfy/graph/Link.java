package io.github.tachyscope.api.comfy.graph;

/**
 * Where an input gets its value from.
 *
 * @param slot number of an output of that node
 */
record Link(String node, int slot) {}
