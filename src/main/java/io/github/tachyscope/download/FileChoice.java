package io.github.tachyscope.download;

import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.HubFile;
import io.github.tachyscope.store.FilePattern;
import io.github.tachyscope.store.ModelStore;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which files of a repository to fetch. */
final class FileChoice {
    private static final String MODEL_INDEX = "model_index.json";

    /** Parts of a pipeline folder that no pipeline here reads. */
    private static final Set<String> UNUSED = Set.of("safety_checker", "feature_extractor", "image_encoder");

    private FileChoice() {}

    /**
     * Those that match a pattern, of which each must match some; without patterns all that can be used: of a folder of a whole
     * pipeline its parts, in 16 bits where there are such weights.
     */
    static List<HubFile> of(String repository, List<HubFile> all, List<String> patterns) {
        patterns.stream().filter(pattern -> !pattern.endsWith("*")).forEach(ModelStore::demandSafe);
        List<HubFile> usable =
                all.stream().filter(file -> ModelStore.takes(file.path())).toList();
        List<HubFile> chosen = patterns.isEmpty() ? usual(usable) : matching(repository, usable, patterns);
        boolean weights = chosen.stream().anyMatch(file -> file.path().endsWith(".safetensors"));
        if (patterns.isEmpty() && !weights) {
            throw new FetchFailed(
                    FetchFailed.Kind.MISSING,
                    repository
                            + " has no weights in the safetensors format. Others can run code when they are read, and"
                            + " are never fetched.");
        }
        return chosen;
    }

    private static List<HubFile> matching(String repository, List<HubFile> usable, List<String> patterns) {
        for (String pattern : patterns) {
            FilePattern compiled = new FilePattern(pattern);
            if (usable.stream().noneMatch(file -> compiled.matches(file.path()))) {
                throw new FetchFailed(
                        FetchFailed.Kind.MISSING, repository + " has no file \"" + pattern + "\" that can be used.");
            }
        }
        List<FilePattern> compiled = patterns.stream().map(FilePattern::new).toList();
        return usable.stream()
                .filter(file -> compiled.stream().anyMatch(pattern -> pattern.matches(file.path())))
                .toList();
    }

    private static List<HubFile> usual(List<HubFile> usable) {
        if (usable.stream().noneMatch(file -> file.path().equals(MODEL_INDEX))) {
            return usable;
        }
        Set<String> names = usable.stream().map(HubFile::path).collect(Collectors.toSet());
        return usable.stream().filter(file -> isPart(file.path(), names)).toList();
    }

    private static boolean isPart(String path, Set<String> names) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            return path.equals(MODEL_INDEX);
        }
        boolean plainOfTwo = path.endsWith(".safetensors")
                && names.contains(path.replaceFirst("\\.safetensors$", ".fp16.safetensors"));
        return !UNUSED.contains(path.substring(0, slash)) && !path.contains(".non_ema.") && !plainOfTwo;
    }
}
