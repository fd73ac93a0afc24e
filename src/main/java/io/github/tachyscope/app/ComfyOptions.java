package io.github.tachyscope.app;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options that people give to ComfyUI: those that mean something here become settings, the others are accepted. */
final class ComfyOptions {
    private static final String CORS = "--enable-cors-header";

    /** Option to the setting that it is. */
    private static final Map<String, String> SETTINGS = Map.of(
            "--preview-method",
            "tachyscope.comfy.preview.method",
            "--preview-size",
            "tachyscope.comfy.preview.size",
            "--max-upload-size",
            "tachyscope.comfy.max-upload-size",
            CORS,
            "tachyscope.comfy.cors-origin");

    /** About memory, precision and start-up; what they choose is chosen by itself or does not exist here. */
    private static final Set<String> IGNORED = Set.of(
            "--lowvram",
            "--medvram",
            "--normalvram",
            "--highvram",
            "--novram",
            "--gpu-only",
            "--cpu",
            "--cpu-vae",
            "--force-fp16",
            "--force-fp32",
            "--fp16-unet",
            "--bf16-unet",
            "--fp8_e4m3fn-unet",
            "--fp8_e5m2-unet",
            "--fp16-vae",
            "--fp32-vae",
            "--bf16-vae",
            "--xformers",
            "--disable-xformers",
            "--use-split-cross-attention",
            "--use-quad-cross-attention",
            "--use-pytorch-cross-attention",
            "--use-sage-attention",
            "--disable-smart-memory",
            "--deterministic",
            "--fast",
            "--dont-print-server",
            "--disable-metadata",
            "--disable-all-custom-nodes",
            "--disable-auto-launch",
            "--windows-standalone-build",
            "--cuda-malloc",
            "--disable-cuda-malloc");

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

    private ComfyOptions() {}

    /** The words of the variable behind the command's name, and then what was given: of two the later holds. */
    static List<String> merged(String variable, List<String> given) {
        if (variable.isBlank()) {
            return given;
        }
        boolean named = !given.isEmpty() && !given.get(0).startsWith("-");
        // Commands other than these read options of their own.
        if (named && !given.get(0).equals("serve") && !given.get(0).equals("check")) {
            return given;
        }
        List<String> all = new ArrayList<>(named ? given.subList(0, 1) : List.of());
        Matcher words = WORD.matcher(variable);
        while (words.find()) {
            String quoted = words.group(1) != null ? words.group(1) : words.group(2);
            all.add(quoted != null ? quoted : words.group(3));
        }
        all.addAll(named ? given.subList(1, given.size()) : given);
        return all;
    }

    /** Which of the options do nothing. */
    static List<String> ignored(List<String> arguments) {
        return arguments.stream().filter(IGNORED::contains).distinct().toList();
    }

    /**
     * Takes an option if it is one of these.
     *
     * @param joined whether its value was joined to it by an equals sign
     * @param left what follows it
     * @param settings where it is written
     */
    static boolean take(String option, boolean joined, Deque<String> left, Map<String, String> settings)
            throws CommandLine.UsageProblem {
        if (IGNORED.contains(option)) {
            if (joined) {
                throw new CommandLine.UsageProblem(option + " takes no value");
            }
            return true;
        }
        String setting = SETTINGS.get(option);
        if (setting == null) {
            return false;
        }
        boolean valued = !left.isEmpty() && (joined || !left.peek().startsWith("-"));
        if (!valued && !option.equals(CORS)) {
            throw new CommandLine.UsageProblem(option + " needs a value");
        }
        String value = valued ? left.remove() : "*";
        settings.put(setting, option.equals("--max-upload-size") ? value + " MiB" : value);
        return true;
    }
}
