package io.github.tachyscope.diffusion.tiny.training;

import java.util.function.LongToDoubleFunction;

/**
 * How a stage is trained.
 *
 * @param rate over the steps and the spent share of the budget
 * @param method decays of the optimizer
 * @param averaging decay of the running averages at a step
 * @param budget after which it ends
 */
record Course(LearningRate rate, Trained.AdamW method, LongToDoubleFunction averaging, TrainingPlan.Budget budget) {}
