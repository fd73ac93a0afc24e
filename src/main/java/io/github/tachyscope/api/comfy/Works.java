package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.comfy.graph.GraphPlan;
import io.github.tachyscope.api.comfy.graph.OutputNode;
import io.github.tachyscope.api.comfy.graph.PassedPicture;
import io.github.tachyscope.api.comfy.graph.PictureSource;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.session.job.Previews;
import io.github.tachyscope.store.Job;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** From what a graph asks for to what a job does. */
final class Works {
    private static final String PASSTHROUGH = "passthrough";

    /** A plan of this pipeline ends at once: it stands for a graph that cannot run, which is in the queue all the same. */
    private static final String NOTHING = "none";

    private final JobDesk desk;
    private final Map<String, PipelineSpec> pipelines;
    private final Targets targets;

    /** @param pipelines those of the catalogue */
    Works(JobDesk desk, ModelNames names, List<PipelineSpec> pipelines, Optional<String> standIn) {
        this.desk = desk;
        this.pipelines = pipelines.stream().collect(Collectors.toMap(PipelineSpec::id, spec -> spec, (a, b) -> a));
        this.targets = new Targets(names, this.pipelines, standIn);
    }

    /**
     * What it comes to.
     *
     * @param model that lists show
     * @param prompt that lists show
     */
    record Made(JobWork work, List<Act> acts, List<String> remarks, String model, String prompt, long seed) {}

    /**
     * @param types class of each node that takes part
     * @param pictures those that the graph loads
     * @throws Stopped if something of it cannot run here
     */
    Made of(
            GraphPlan graph,
            Map<String, String> types,
            Map<PictureSource, StartPicture> pictures,
            Keeps keeps,
            Optional<Previews> previews) {
        return new Order(types, pictures, keeps, previews).of(graph);
    }

    /** One graph under way. */
    private final class Order {
        private final Map<String, String> types;
        private final Map<PictureSource, StartPicture> pictures;
        private final Keeps keeps;
        private final Optional<Previews> previews;
        private final List<JobPlan> plans = new ArrayList<>();
        private final List<Act> acts = new ArrayList<>();
        private final List<Act> outputs = new ArrayList<>();
        private final Set<String> remarks = new LinkedHashSet<>();

        Order(
                Map<String, String> types,
                Map<PictureSource, StartPicture> pictures,
                Keeps keeps,
                Optional<Previews> previews) {
            this.types = types;
            this.pictures = pictures;
            this.keeps = keeps;
            this.previews = previews;
        }

        Made of(GraphPlan graph) {
            graph.samplings().forEach(this::add);
            graph.passed().forEach(this::add);
            acts.addAll(outputs);
            Optional<Sampling> first = graph.samplings().stream().findFirst();
            return new Made(
                    new JobWork(plans),
                    List.copyOf(acts),
                    List.copyOf(remarks),
                    first.map(sampling -> Targets.name(sampling.model())).orElse(PASSTHROUGH),
                    first.map(Sampling::positive).orElse(""),
                    first.map(sampling -> sampling.denoising().seed()).orElse(0L));
        }

        private void add(Sampling sampling) {
            int plan = plans.size();
            Optional<StartPicture> start = sampling.start().map(pictures::get);
            InputMode mode = start.isPresent() ? InputMode.VIDEO : InputMode.TEXT;
            PictureSize wanted = sampling.canvas()
                    .size()
                    .or(() -> start.flatMap(picture -> sampling.start()
                            .orElseThrow()
                            .canvas(picture.size())
                            .or(() -> Optional.of(picture.size()))))
                    .orElseThrow(() -> stopped(sampling, "The size of the picture is not known."));
            Targets.Target target = targets.of(sampling, mode, wanted);
            remarks.addAll(target.remarks());
            ModeDefaults defaults = Optional.ofNullable(target.spec().modes().get(mode))
                    .orElseThrow(() ->
                            stopped(sampling, "Pipeline " + target.spec().id() + " cannot work on a start picture."));
            long frames = (long) sampling.canvas().frames() * sampling.canvas().batch();
            JobPlan made =
                    plan(target, mode, frames, start, sampling.outputs(), (keep, most) -> stopped(sampling, most));
            check(made, target.spec(), sampling);
            plans.add(made);
            sampling.stages().before().forEach(node -> act(node, plan));
            acts.add(new Act(
                    sampling.node(),
                    sampling.nodeType(),
                    Act.Kind.SAMPLE,
                    plan,
                    target.steps(),
                    target.calls(),
                    defaults.geometry().chunks(frames)));
            sampling.stages().after().forEach(node -> act(node, plan));
            own(sampling.outputs(), plan);
        }

        private void act(String node, int plan) {
            acts.add(Act.quick(node, types.getOrDefault(node, ""), plan));
        }

        /** Outputs come last, when there are files to tell of. */
        private void own(List<OutputNode> nodes, int plan) {
            for (OutputNode node : nodes) {
                acts.removeIf(act -> act.node().equals(node.id()));
                outputs.add(Act.output(node.id(), node.type(), plan));
            }
        }

        private void add(PassedPicture passed) {
            int plan = plans.size();
            OutputNode output = passed.outputs().get(0);
            StartPicture picture = pictures.get(passed.picture());
            PipelineSpec spec = Optional.ofNullable(pipelines.get(PASSTHROUGH))
                    .orElseThrow(() -> new Stopped(output.id(), output.type(), "There is nothing to sample."));
            Targets.Target target =
                    new Targets.Target(spec, Parameters.none(), Parameters.none(), picture.size(), 0, 0, List.of());
            JobPlan made = plan(
                    target,
                    InputMode.VIDEO,
                    1,
                    Optional.of(picture),
                    passed.outputs(),
                    (keep, most) -> new Stopped(output.id(), output.type(), most));
            List<Problem.Field> wrong = desk.check(made, spec);
            if (!wrong.isEmpty()) {
                throw new Stopped(output.id(), output.type(), wrong.get(0).message());
            }
            plans.add(made);
            passed.nodes().forEach(node -> act(node, plan));
            own(passed.outputs(), plan);
        }

        private interface Refusal {
            Stopped of(int keeps, String message);
        }

        private JobPlan plan(
                Targets.Target target,
                InputMode mode,
                long frames,
                Optional<StartPicture> start,
                List<OutputNode> nodes,
                Refusal refusal) {
            List<Keep> kept = nodes.stream().map(keeps::of).toList();
            if (kept.size() > JobPlan.MAX_KEEPS) {
                throw refusal.of(
                        kept.size(),
                        "One sampler can have " + JobPlan.MAX_KEEPS + " outputs here, not " + kept.size() + ".");
            }
            long files = frames
                            * kept.stream()
                                    .filter(Keep.Pictures.class::isInstance)
                                    .count()
                    + kept.size();
            if (files >= Job.MAX_FILES) {
                throw refusal.of(
                        kept.size(), "This would make " + files + " files; a prompt can make " + Job.MAX_FILES + ".");
            }
            return new JobPlan(
                    target.spec().id(),
                    Optional.of(target.load()),
                    mode,
                    Optional.of(target.size()),
                    frames,
                    Keeps.fps(nodes),
                    ParameterSchedule.constant(target.parameters()),
                    start.map(picture -> new Footage.Picture(picture.file())),
                    kept,
                    Map.of(),
                    previews);
        }

        private void check(JobPlan plan, PipelineSpec spec, Sampling sampling) {
            List<Problem.Field> wrong = desk.check(plan, spec);
            if (!wrong.isEmpty()) {
                throw stopped(
                        sampling,
                        wrong.stream().map(Problem.Field::message).distinct().collect(Collectors.joining("; ")));
            }
        }

        Stopped stopped(Sampling sampling, String message) {
            return new Stopped(sampling.node(), sampling.nodeType(), message);
        }
    }

    /** What stands in the queue for a graph that cannot run. */
    static JobWork nothing() {
        return JobWork.of(new JobPlan(
                NOTHING,
                Optional.of(Parameters.none()),
                InputMode.TEXT,
                Optional.empty(),
                1,
                1,
                ParameterSchedule.empty(),
                Optional.empty(),
                List.of(new Keep.Raw("", Optional.empty())),
                Map.of(),
                Optional.empty()));
    }
}
