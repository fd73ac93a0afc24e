package io.github.tachyscope.diffusion.sd.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler.Kind;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler.State;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Samplers with models whose right answer is known: data that are normally distributed, and data that are one picture. */
class SigmaSamplerTest {
    /** Spread of the data. */
    private static final double SPREAD = 0.7;

    private static final SigmaTable TABLE =
            SigmaTable.of(NoiseTable.read(JsonNodeFactory.instance.objectNode()), false);

    private final TensorScope scope = TensorScope.inference();
    private int drawn;

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor noise(long... shape) {
        return Noise.normal(1000 + drawn++, Placement.CPU, shape).to(ScalarType.Double);
    }

    /** All states of a run, the last call's among them. */
    private List<State> run(SigmaSampler sampler, Tensor x, BiFunction<Tensor, Double, Tensor> model) {
        List<State> states = new ArrayList<>(List.of(SigmaSampler.begin(x)));
        for (int call = 0; call < sampler.calls(); call++) {
            State at = states.get(call);
            assertEquals(call, at.call());
            states.add(sampler.after(at, model.apply(at.x(), sampler.sigma(call)), () -> noise(x.shape())));
        }
        return states;
    }

    private static Tensor last(List<State> states) {
        return states.get(states.size() - 1).x();
    }

    /** The clean latent to be expected where data are normally distributed around 0. */
    private static Tensor expected(Tensor x, double sigma) {
        return x.mul(new Scalar(SPREAD * SPREAD / (SPREAD * SPREAD + sigma * sigma)));
    }

    private static double spreadAt(double sigma) {
        return Math.sqrt(SPREAD * SPREAD + sigma * sigma);
    }

    /** Levels with equal ratios, from 10 to 0.1; further ones go on below. */
    private static double[] levels(int steps, int further) {
        return IntStream.rangeClosed(0, steps + further)
                .mapToDouble(i -> 10 * Math.pow(0.01, (double) i / steps))
                .toArray();
    }

    private double error(Kind kind, int steps) {
        SigmaSampler sampler = kind.along(new SigmaPath(levels(steps, 0), false));
        Tensor x = Tensor.create(new double[] {spreadAt(10)}, 1);
        return Math.abs(last(run(sampler, x, SigmaSamplerTest::expected)).item_double() - spreadAt(0.1));
    }

    @Test
    void everySamplerOfTheFlowConvergesWithItsOrder() {
        Map<Kind, Double> orders = Map.of(
                Kind.EULER, 1.0,
                Kind.DDIM, 1.0,
                Kind.HEUN, 2.0,
                Kind.DPMPP_2M, 2.0,
                Kind.UNI_PC, 2.0,
                Kind.UNI_PC_BH2, 2.0);
        orders.forEach((kind, order) -> {
            double coarse = error(kind, 64);
            double fine = error(kind, 128);
            double measured = Math.log(coarse / fine) / Math.log(2);
            assertTrue(fine < 0.02, kind + " is off by " + fine);
            assertTrue(measured > order - 0.15, kind + " converges with order " + measured);
            if (order == 1) {
                assertTrue(measured < 1.2, kind + " converges with order " + measured);
            }
        });
    }

    /** At the end the order falls on purpose; before that, the corrected latents show it. */
    @Test
    void theCorrectorReachesItsFullOrder() {
        for (Kind kind : List.of(Kind.UNI_PC, Kind.UNI_PC_BH2)) {
            assertTrue(corrected(kind, 32) < 1e-5, kind + " is off by " + corrected(kind, 32));
            double measured = Math.log(corrected(kind, 256) / corrected(kind, 1024)) / Math.log(4);
            assertTrue(measured > 2.5, kind + " converges with order " + measured);
        }
    }

    private double corrected(Kind kind, int steps) {
        SigmaSampler sampler = kind.along(new SigmaPath(levels(steps, 4), false));
        Tensor x = Tensor.create(new double[] {spreadAt(10)}, 1);
        State at = run(sampler, x, SigmaSamplerTest::expected).get(steps + 1);
        return Math.abs(at.past().get(0).item_double() - spreadAt(0.1));
    }

    @Test
    void onePictureIsWhereEverySamplerEndsWithEverySpacing() {
        Tensor picture = noise(1, 4, 4, 4);
        for (Kind kind : Kind.values()) {
            for (SigmaSpacing spacing : SigmaSpacing.values()) {
                for (int steps : new int[] {1, 2, 3, 4, 20}) {
                    SigmaPath path =
                            SigmaPath.of(TABLE, spacing, new SigmaPath.Part(steps, 1, 0, Integer.MAX_VALUE, false));
                    Tensor x = noise(1, 4, 4, 4).mul(new Scalar(path.entry()));
                    Tensor end = last(run(kind.along(path), x, (any, sigma) -> picture));
                    double off = end.sub(picture).abs().max().item_double();
                    assertTrue(off < 1e-9, kind + " " + spacing + " " + steps + " is off by " + off);
                }
            }
        }
    }

    @Test
    void samplersThatAddNoiseGiveDataOfTheRightSpread() {
        for (Kind kind : List.of(Kind.EULER_ANCESTRAL, Kind.DPMPP_2M_SDE, Kind.DPMPP_SDE)) {
            SigmaSampler sampler = kind.along(new SigmaPath(levels(200, 0), false));
            assertTrue(sampler.stochastic());
            Tensor x = noise(40_000).mul(new Scalar(spreadAt(10)));
            Tensor end = last(run(sampler, x, SigmaSamplerTest::expected));
            double spread = Math.sqrt(end.square().mean().item_double());
            assertEquals(spreadAt(0.1), spread, 0.02, kind.toString());
        }
    }

    @Test
    void aJumpGoesBackUpToTheNextLevel() {
        SigmaSampler sampler = Kind.LCM.along(new SigmaPath(new double[] {10, 3, 0}, true));
        Tensor picture = noise(10_000);
        List<State> states = run(sampler, noise(10_000), (any, sigma) -> picture);
        Tensor added = states.get(1).x().sub(picture);
        assertEquals(3, Math.sqrt(added.square().mean().item_double()), 0.1);
        assertEquals(0, states.get(2).x().sub(picture).abs().max().item_double());
    }

    @Test
    void samplersOfTwoCallsAskAtTheLevelsBetween() {
        double[] sigmas = {8, 2, 0};
        assertEquals(List.of(8.0, 2.0, 2.0), asked(Kind.HEUN, sigmas));
        assertEquals(List.of(8.0, 4.0, 2.0), asked(Kind.DPMPP_SDE, sigmas));
        assertEquals(List.of(8.0, 2.0, 2.0, 1.0), asked(Kind.HEUN, 8, 2, 1));
        assertEquals(List.of(8.0, 2.0), asked(Kind.DPMPP_2M, sigmas));
    }

    private static List<Double> asked(Kind kind, double... sigmas) {
        SigmaSampler sampler = kind.along(new SigmaPath(sigmas, false));
        return IntStream.range(0, sampler.calls()).mapToObj(sampler::sigma).toList();
    }

    /** What a second-order multistep rule must give by hand: a clean latent that moves linearly in time -log sigma. */
    @Test
    void theSecondStepGoesOnWithTheSlopeOfTheAnswers() {
        double[] sigmas = {Math.E * Math.E, Math.E, 1};
        SigmaSampler sampler = Kind.DPMPP_2M.along(new SigmaPath(sigmas, false));
        Tensor x = Tensor.create(new double[] {5}, 1);
        State first = sampler.after(SigmaSampler.begin(x), Tensor.create(new double[] {1}, 1), () -> x);
        double kept = Math.exp(-1);
        assertEquals(kept * 5 + (1 - kept), first.x().item_double(), 1e-12);
        State second = sampler.after(first, Tensor.create(new double[] {2}, 1), () -> x);
        assertEquals(
                kept * first.x().item_double() + (1 - kept) * 2.5, second.x().item_double(), 1e-12);
    }

    @Test
    void theStateBeforeStaysAsItWas() {
        for (Kind kind : Kind.values()) {
            SigmaSampler sampler = kind.along(new SigmaPath(levels(5, 0), false));
            Tensor x = noise(16).mul(new Scalar(10.0));
            Tensor copy = x.clone();
            State begun = SigmaSampler.begin(x);
            Tensor fixed = noise(16);
            State one = sampler.after(begun, expected(x, 10), () -> fixed);
            State two = sampler.after(begun, expected(x, 10), () -> fixed);
            assertTrue(x.equal(copy), kind.toString());
            assertTrue(one.x().equal(two.x()), kind.toString());
            assertEquals(
                    Arrays.asList(kind.wireName(), kind), Arrays.asList(kind.wireName(), Kind.of(kind.wireName())));
        }
    }
}
