package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.exec.Executor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many who want different pipelines at the same time, on a device that refuses some loads, while the chain changes. */
class BesideChainStormTest {
    private static final int USERS = 200;
    private static final int WIDTHS = 5;
    private static final int CHAINS = 15;

    /** Keys, each with how many users hold it. */
    private final Map<String, Integer> inUse = new ConcurrentHashMap<>();

    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final CountDownLatch answered = new CountDownLatch(USERS);

    private static Parameters width(Random random) {
        return Parameters.of(Map.of("width", IntNode.valueOf(64 * (1 + random.nextInt(WIDTHS)))));
    }

    /** Loads most of what it is told to. */
    private Behavior<Executor.Command> device(Random random) {
        return Behaviors.receive(Executor.Command.class)
                .onMessage(Executor.Load.class, load -> {
                    int luck = random.nextInt(10);
                    load.replyTo()
                            .tell(
                                    luck < 7
                                            ? new Executor.Loaded(
                                                    load.pipelineKey(),
                                                    load.provider().spec())
                                            : new Executor.LoadFailed(load.pipelineKey(), "no luck", luck < 9));
                    return Behaviors.same();
                })
                .onMessage(Executor.Unload.class, unload -> {
                    if (inUse.getOrDefault(unload.pipelineKey(), 0) > 0) {
                        violations.add(unload.pipelineKey() + " is in use");
                    }
                    return Behaviors.same();
                })
                .build();
    }

    private record Turn() {}

    /** Asks, uses what it gets for some turns, and goes. */
    private Behavior<Object> user(ActorRef<PipelineRegistry.Command> registry, Parameters wanted, int turns) {
        return Behaviors.setup(context -> {
            registry.tell(new PipelineRegistry.Require(
                    "synthetic", wanted, context.getSelf().unsafeUpcast()));
            return Behaviors.receive(Object.class)
                    .onMessage(PipelineRegistry.Resolved.class, found -> {
                        String key = found.chain().get(0).key();
                        inUse.merge(key, 1, Integer::sum);
                        answered.countDown();
                        context.getSelf().tell(new Turn());
                        return using(context.getSelf(), key, turns);
                    })
                    .onMessage(PipelineRegistry.Unresolved.class, refused -> {
                        answered.countDown();
                        return Behaviors.stopped();
                    })
                    .build();
        });
    }

    private Behavior<Object> using(ActorRef<Object> self, String key, int turns) {
        return Behaviors.receive(Object.class)
                .onMessage(Turn.class, turn -> {
                    if (turns == 0) {
                        inUse.merge(key, -1, Integer::sum);
                        return Behaviors.stopped();
                    }
                    self.tell(turn);
                    return using(self, key, turns - 1);
                })
                .build();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void allAreAnsweredAndNobodyLosesWhatHeUses(long seed) throws Exception {
        Random random = new Random(seed);
        ActorTestKit kit = ActorTestKit.create();
        try {
            PipelineCatalog catalog = PipelineCatalog.of(
                    List.of(new SyntheticProvider()),
                    new PipelineSettings(
                            List.of(),
                            Map.of(),
                            Duration.ofMinutes(1),
                            new PipelineSettings.Synthetic(4, Duration.ofMillis(2)),
                            Optional.empty(),
                            Optional.empty(),
                            Path.of("models"),
                            List.of()));
            ActorRef<PipelineRegistry.Command> registry = kit.spawn(PipelineRegistry.create(new PipelineRegistry.Setup(
                    catalog,
                    List.of(kit.spawn(device(new Random(seed)))),
                    Duration.ofMinutes(1),
                    Optional.empty(),
                    2,
                    Duration.ofSeconds(1))));
            for (int i = 0; i < USERS; i++) {
                kit.spawn(user(registry, width(random), random.nextInt(50)));
                if (i % (USERS / CHAINS) == 0) {
                    registry.tell(new PipelineRegistry.Load(
                            List.of(new PipelineRegistry.Node("n", "synthetic", width(random))),
                            kit.system().ignoreRef()));
                }
                if (random.nextInt(20) == 0) {
                    registry.tell(PipelineRegistry.ReleaseUnused.INSTANCE);
                }
            }
            assertTrue(
                    answered.await(30, TimeUnit.SECONDS),
                    () -> answered.getCount() + " were not answered, seed " + seed);
            assertEquals(List.of(), List.copyOf(violations), "seed " + seed);
        } finally {
            kit.shutdownTestKit();
        }
    }
}
