package io.github.tachyscope.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.StepKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What steps cost, kept from one start to the next in a JSON file. What it says is good for the same build on the same
 * devices in the same number format with the same threads; of another one it is ignored.
 *
 * <pre>
 * { "version": "0.1.0",
 *   "devices": [ "cpu: AMD EPYC, 2 processors; bf16; 2 lanes of 1 threads" ],
 *   "costs": [ { "pipeline": "tiny", "kind": "denoise", "form": "256x256", "batch": 1,
 *                "mean_us": 31500, "p50_us": 31200, "p95_us": 34000, "count": 4711 }, ... ] }
 * </pre>
 */
public final class CostFile {
    private static final Logger log = LoggerFactory.getLogger(CostFile.class);

    /** Several times what the cost model remembers; a larger file is none of ours and is not read. */
    private static final long MOST_BYTES = 4L << 20;

    /** An hour: longer than the watchdog lets a step run, and far from overflow. */
    private static final long MOST_MICROS = 3_600_000_000L;

    private static final int MOST_BATCH = 10_000;

    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;
    private final String version;
    private final List<String> devices;

    /**
     * @param version of this build
     * @param devices what the costs hold for: each with all that changes the time of a step
     */
    public CostFile(Path file, String version, List<String> devices) {
        this.file = file.toAbsolutePath();
        this.version = version;
        this.devices = List.copyOf(devices);
    }

    /** The costs of an earlier start; none if there are none that fit. */
    List<CostModel.Measured> read() {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("larger than " + MOST_BYTES + " bytes");
            }
            JsonNode stored = mapper.readTree(Files.readAllBytes(file));
            if (!stored.isObject()) {
                throw new IOException("not a JSON object");
            }
            if (!stored.path("version").asText().equals(version) || !devices.equals(texts(stored.path("devices")))) {
                log.info("{} is of another version or device; costs are measured anew", file);
                return List.of();
            }
            List<CostModel.Measured> costs = new ArrayList<>();
            stored.path("costs").forEach(entry -> measured(entry).ifPresent(costs::add));
            return costs;
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (JsonProcessingException malformed) {
            return unreadable(malformed.getOriginalMessage());
        } catch (IOException failed) {
            return unreadable(failed.getMessage());
        }
    }

    private List<CostModel.Measured> unreadable(String why) {
        log.warn("{} cannot be read, costs are measured anew: {}", file, why);
        return List.of();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** Empty for an entry that makes no sense. */
    private static Optional<CostModel.Measured> measured(JsonNode entry) {
        long mean = entry.path("mean_us").asLong(-1);
        long p50 = entry.path("p50_us").asLong(-1);
        long p95 = entry.path("p95_us").asLong(-1);
        long count = entry.path("count").asLong(0);
        int batch = entry.path("batch").asInt(0);
        boolean sound = plausible(mean) && plausible(p50) && plausible(p95) && count > 0;
        if (!sound || batch < 1 || batch > MOST_BATCH) {
            return Optional.empty();
        }
        try {
            StepKind kind = StepKind.valueOf(entry.path("kind").asText().toUpperCase(Locale.ROOT));
            String pipeline = entry.path("pipeline").asText();
            return Optional.of(
                    new CostModel.Measured(pipeline, kind, entry.path("form").asText(), batch, mean, p50, p95, count));
        } catch (IllegalArgumentException unknownKind) {
            return Optional.empty();
        }
    }

    private static boolean plausible(long micros) {
        return micros >= 0 && micros <= MOST_MICROS;
    }

    /** Replaces the file, or leaves it as it is. */
    void write(List<CostModel.Measured> costs) throws IOException {
        ObjectNode all = mapper.createObjectNode().put("version", version);
        ArrayNode names = all.putArray("devices");
        devices.forEach(names::add);
        ArrayNode entries = all.putArray("costs");
        costs.forEach(each -> entries.addObject()
                .put("pipeline", each.pipeline())
                .put("kind", each.kind().name().toLowerCase(Locale.ROOT))
                .put("form", each.form())
                .put("batch", each.batchSize())
                .put("mean_us", each.meanMicros())
                .put("p50_us", each.p50Micros())
                .put("p95_us", each.p95Micros())
                .put("count", each.count()));
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(file.getParent(), ".costs-", ".part");
        try {
            mapper.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), all);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
