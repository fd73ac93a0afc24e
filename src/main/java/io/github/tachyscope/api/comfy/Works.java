package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.comfy.graph.Denoising;
import io.github.tachyscope.api.comfy.graph.GraphPlan;
import io.github.tachyscope.api.comfy.graph.ModelWish;
import io.github.tachyscope.api.comfy.graph.OutputNode;
import io.github.tachyscope.api.comfy.graph.PassedPicture;
import io.github.tachyscope.api.comfy.graph.PictureSource;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.session.job.Previews;
import io.github.tachyscope.store.Job;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** From what a graph asks for to what a job does. */
final class Works {
    static final String STABLE_DIFFUSION = "stable-diffusion";
    private static final String PASSTHROUGH = "passthrough";

    /** A plan of this pipeline ends at once: it stands for a graph that cannot run, which is in the queue all the same. */
    private static final String NOTHING = "none";

    /** Samplers that ask the model twice for each step. */
    private static final Set<String> TWICE =
            Set.of("heun", "heunpp2", "dpm_2", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "seeds_2");

    private static final int STILL_FPS = 8;

    private final JobDesk desk;
    private final ModelNames names;
    private final Map<String, PipelineSpec> pipelines;
    private final Optional<StandIn> standIn;

    /** @param pipelines those of the catalogue */
    Works(JobDesk desk, ModelNames names, List<PipelineSpec> pipelines, Optional<String> standIn) {
        this.desk = desk;
        this.names = names;
        this.pipelines = pipelines.stream().collect(Collectors.toMap(PipelineSpec::id, spec -> spec, (a, b) -> a));
        this.standIn = standIn.map(this.pipelines::get).map(StandIn::new);
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

    /** The graph ends there. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient PromptNotes.Blocked at;

        Stopped(String node, String type, String message) {
            super(message, null, false, false);
            this.at = new PromptNotes.Blocked(node, type, message);
        }

        PromptNotes.Blocked at() {
            return at;
        }
    }

    /** What one plan is made of. */
    private record Target(
            PipelineSpec spec,
            Optional<Parameters> load,
            Parameters parameters,
            PictureSize size,
            int steps,
            int calls) {}

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
                    first.map(sampling -> model(sampling.model())).orElse(PASSTHROUGH),
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
            Target target = target(sampling, mode, wanted);
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
            Target target = new Target(spec, Optional.of(Parameters.none()), Parameters.none(), picture.size(), 0, 0);
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
                Target target,
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
                    target.load(),
                    mode,
                    Optional.of(target.size()),
                    frames,
                    fps(nodes),
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

        private Target target(Sampling sampling, InputMode mode, PictureSize wanted) {
            Optional<String> model = sampling.model().kind() == ModelWish.Kind.SD
                    ? sampling.model().checkpoint().flatMap(names::model)
                    : Optional.empty();
            Optional<PipelineSpec> real = Optional.ofNullable(pipelines.get(STABLE_DIFFUSION));
            if (model.isPresent() && real.isPresent()) {
                return real(real.get(), model.get(), sampling, wanted);
            }
            StandIn other = standIn.orElseThrow(
                    () -> stopped(sampling, "No pipeline here can run the model " + model(sampling.model()) + "."));
            return drawn(other, sampling, mode, wanted);
        }

        private Target drawn(StandIn other, Sampling sampling, InputMode mode, PictureSize wanted) {
            PictureSize size = other.size(wanted);
            Denoising denoising = sampling.denoising();
            String id = other.spec().id();
            remarks.add(id + " drew in place of " + model(sampling.model()) + ", which is not here.");
            if (!size.equals(wanted)) {
                remarks.add(
                        "Pictures have " + size + " pixels instead of " + wanted + ", which " + id + " cannot make.");
            }
            if (!sampling.negative().isBlank()) {
                remarks.add("The negative prompt is ignored: " + id + " has none.");
            }
            if (!sampling.model().loras().isEmpty()) {
                remarks.add("LoRAs are ignored: " + id + " takes none.");
            }
            if (other.steps(denoising) < denoising.endStep() - denoising.startStep()) {
                remarks.add(id + " took " + other.steps(denoising) + " steps.");
            }
            return new Target(
                    other.spec(),
                    Optional.of(Parameters.none()),
                    other.parameters(sampling, mode),
                    size,
                    Math.max(1, denoising.endStep() - denoising.startStep()),
                    other.steps(denoising));
        }

        private Target real(PipelineSpec spec, String model, Sampling sampling, PictureSize wanted) {
            Denoising denoising = sampling.denoising();
            int steps = Math.max(1, Math.min(denoising.steps(), denoising.endStep()) - denoising.startStep());
            if (sampling.model().vae().isPresent()) {
                remarks.add("The autoencoder is that of the checkpoint.");
            }
            return new Target(
                    spec,
                    Optional.of(load(spec, model, sampling.model().loras())),
                    parameters(spec, sampling),
                    wanted,
                    steps,
                    steps * (TWICE.contains(denoising.sampler()) ? 2 : 1));
        }

        Stopped stopped(Sampling sampling, String message) {
            return new Stopped(sampling.node(), sampling.nodeType(), message);
        }
    }

    /** What the graph calls its model. */
    static String model(ModelWish wish) {
        return wish.checkpoint().or(wish::unet).orElse("a model");
    }

    private static int fps(List<OutputNode> nodes) {
        for (OutputNode node : nodes) {
            double fps = 0;
            if (node.saving() instanceof OutputNode.Mp4 mp4) {
                fps = mp4.fps();
            } else if (node.saving() instanceof OutputNode.Webm webm) {
                fps = webm.fps();
            } else if (node.saving() instanceof OutputNode.Webp webp) {
                fps = webp.fps();
            } else if (node.saving() instanceof OutputNode.Combined combined) {
                fps = combined.fps();
            }
            if (fps > 0) {
                return (int) Math.max(1, Math.round(fps));
            }
        }
        return STILL_FPS;
    }

    private static Parameters load(PipelineSpec spec, String model, List<ModelWish.Lora> loras) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put(ModelParameters.MODEL, TextNode.valueOf(model));
        if (!loras.isEmpty()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            loras.forEach(lora -> list.addObject()
                    .put("path", lora.file())
                    .put("scale", lora.model())
                    .put("text_scale", lora.clip()));
            values.put(ModelParameters.LORAS, list);
        }
        return known(spec, values);
    }

    private static Parameters parameters(PipelineSpec spec, Sampling sampling) {
        Denoising denoising = sampling.denoising();
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put(Parameters.PROMPTS, StandIn.prompts(sampling.positive()));
        values.put(ModelParameters.NEGATIVE_PROMPT, TextNode.valueOf(sampling.negative()));
        values.put(
                CommonParameters.BASE_SEED,
                BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(denoising.seed()))));
        values.put("steps", IntNode.valueOf(denoising.steps()));
        values.put("guidance_scale", DoubleNode.valueOf(denoising.cfg()));
        values.put("sampler", TextNode.valueOf(denoising.sampler()));
        values.put("scheduler", TextNode.valueOf(denoising.scheduler()));
        values.put("denoise", DoubleNode.valueOf(denoising.denoise()));
        values.put("start_step", IntNode.valueOf(denoising.startStep()));
        values.put("end_step", IntNode.valueOf(denoising.endStep()));
        values.put("add_noise", BooleanNode.valueOf(denoising.addNoise()));
        values.put("leftover_noise", BooleanNode.valueOf(denoising.leftoverNoise()));
        values.put("clip_skip", IntNode.valueOf(sampling.clipSkip()));
        sampling.model().prediction().ifPresent(kind -> values.put("prediction", TextNode.valueOf(kind)));
        if (sampling.model().zeroTerminalSnr()) {
            values.put("zero_terminal_snr", BooleanNode.TRUE);
        }
        // Graphs have a notation of their own.
        values.put(ModelParameters.PROMPT_WEIGHTING, BooleanNode.FALSE);
        return known(spec, values);
    }

    private static Parameters known(PipelineSpec spec, Map<String, JsonNode> values) {
        Set<String> names =
                spec.parameters().parameters().stream().map(ParameterSpec::name).collect(Collectors.toSet());
        values.keySet().retainAll(names);
        return Parameters.of(values);
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
