package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.diffusion.sd.SdForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A way to run a model of the Stable Diffusion family live, as {@code bench sd} measures it. */
enum SdMode {
    /** One step of Stable Diffusion 1.5. */
    SD15("sd15", SdForm.SD15, 1),
    /** The single step of SD-Turbo. */
    TURBO("turbo", SdForm.SD_TURBO, 1),
    /** Four steps of Stable Diffusion 1.5 with an LCM LoRA as a stream batch: four rows a frame. */
    LCM4("lcm4", SdForm.SD15, 4),
    /** The single step of SDXL-Turbo. */
    SDXL_TURBO("sdxl-turbo", SdForm.SDXL, 1);

    final String wireName;
    final SdForm form;
    /** Of the denoiser, for one session. */
    final int rows;

    SdMode(String wireName, SdForm form, int rows) {
        this.wireName = wireName;
        this.form = form;
        this.rows = rows;
    }

    static List<SdMode> parse(String text) throws UsageProblem {
        List<SdMode> modes = new ArrayList<>();
        for (String name : text.split(",", -1)) {
            modes.add(Arrays.stream(values())
                    .filter(mode -> mode.wireName.equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UsageProblem("--modes: \"" + name + "\" is none of "
                            + Arrays.stream(values()).map(mode -> mode.wireName).collect(Collectors.joining(", ")))));
        }
        return List.copyOf(modes);
    }
}
