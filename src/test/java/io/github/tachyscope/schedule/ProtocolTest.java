package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.exec.Executor;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Fails when a message is added, so that somebody thinks about it in every state of its actor. */
class ProtocolTest {
    private static Set<String> messages(Class<?> command) {
        return Arrays.stream(command.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
    }

    @Test
    void theSchedulerHandlesEachOfItsCommands() {
        assertEquals(
                Set.of(
                        "OpenRun",
                        "Produce",
                        "Patch",
                        "Suspend",
                        "Resume",
                        "ResumeTogether",
                        "CloseRun",
                        "DescribeLoad",
                        "DescribeCosts",
                        "RestoreCosts",
                        "FromExecutor",
                        "ExecutorEnded",
                        "CheckTimeouts",
                        "AdjustQuality"),
                messages(Scheduler.Command.class));
    }

    @Test
    void theSchedulerHandlesEachEventOfAnExecutor() {
        assertEquals(
                Set.of(
                        "Attached",
                        "PipelineReady",
                        "PipelineGone",
                        "Opened",
                        "OpenRefused",
                        "Standing",
                        "BatchDone",
                        "StepSkipped",
                        "RunLost",
                        "DeviceStuck",
                        "DeviceDown",
                        "DeviceRecovered"),
                messages(Executor.Event.class));
    }

    @Test
    void theExecutorHandlesEachOfItsCommandsInEachState() {
        assertEquals(
                Set.of(
                        "Attach",
                        "Load",
                        "Unload",
                        "Open",
                        "Patch",
                        "Economize",
                        "Feed",
                        "Run",
                        "Drop",
                        "Close",
                        "BatchEnded",
                        "StepOverdue",
                        "GraceOver",
                        "BackoffOver",
                        "LoadEnded",
                        "LoadOverdue"),
                messages(Executor.Command.class));
    }
}
