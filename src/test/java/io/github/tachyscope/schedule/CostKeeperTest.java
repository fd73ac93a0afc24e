package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.tachyscope.diffusion.StepKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostKeeperTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration ASK = Duration.ofSeconds(10);
    private static final List<CostModel.Measured> COSTS =
            List.of(new CostModel.Measured("tiny", StepKind.DENOISE, "256x256", 2, 60_000, 59_000, 70_000, 5));

    @TempDir
    Path directory;

    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe(Scheduler.Command.class);
    private final TestProbe<CostKeeper.Saved> saved = KIT.createTestProbe(CostKeeper.Saved.class);

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private ActorRef<CostKeeper.Command> keeper(Path path, Duration askTimeout) {
        return KIT.spawn(
                CostKeeper.create(scheduler.getRef(), new CostFile(path, "1", List.of("cpu")), askTimeout),
                CostKeeper.dispatcher());
    }

    private void save(ActorRef<CostKeeper.Command> keeper) {
        keeper.tell(new CostKeeper.Save(saved.getRef()));
        scheduler.expectMessageClass(Scheduler.DescribeCosts.class).replyTo().tell(new Scheduler.Costs(COSTS));
        saved.expectMessage(CostKeeper.Saved.INSTANCE);
    }

    @Test
    void theNextStartBeginsWithWhatTheLastOneMeasured() {
        Path path = directory.resolve("costs.json");
        ActorRef<CostKeeper.Command> first = keeper(path, ASK);
        scheduler.expectMessage(new Scheduler.RestoreCosts(List.of()));
        save(first);
        KIT.stop(first);

        keeper(path, ASK);
        scheduler.expectMessage(new Scheduler.RestoreCosts(COSTS));
    }

    @Test
    void answersEvenIfNothingCanBeKept() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        ActorRef<CostKeeper.Command> keeper = keeper(file.resolve("costs.json"), ASK);
        scheduler.expectMessage(new Scheduler.RestoreCosts(List.of()));
        save(keeper);
        assertEquals(0, Files.size(file));
    }

    @Test
    void answersEvenIfTheSchedulerDoesNot() {
        Path path = directory.resolve("costs.json");
        ActorRef<CostKeeper.Command> keeper = keeper(path, Duration.ofMillis(50));
        keeper.tell(new CostKeeper.Save(saved.getRef()));
        saved.expectMessage(CostKeeper.Saved.INSTANCE);
        assertFalse(Files.exists(path));
    }
}
