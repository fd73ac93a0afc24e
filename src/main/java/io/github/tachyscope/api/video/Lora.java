package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The adapter that a request asks for; at least its name or its path is there.
 *
 * @param scale how strongly it acts
 */
public record Lora(Optional<String> name, Optional<String> path, double scale) {
    static Optional<Lora> read(Fields request) {
        return request.fields("lora").flatMap(fields -> {
            Optional<String> name =
                    fields.text("name").or(() -> fields.text("lora_name")).or(() -> fields.text("adapter"));
            Optional<String> path =
                    fields.text("path").or(() -> fields.text("lora_path")).or(() -> fields.text("local_path"));
            Optional<Double> scale =
                    fields.number("scale", Fields.Range.ANY).or(() -> fields.number("lora_scale", Fields.Range.ANY));
            Optional<Long> id = fields.whole("int_id", Long.MIN_VALUE, Long.MAX_VALUE)
                    .or(() -> fields.whole("lora_int_id", Long.MIN_VALUE, Long.MAX_VALUE));
            ObjectNode canonical = JsonNodeFactory.instance.objectNode();
            name.ifPresent(value -> canonical.put("name", value));
            path.ifPresent(value -> canonical.put("path", value));
            scale.ifPresent(value -> canonical.put("scale", value));
            id.ifPresent(value -> canonical.put("int_id", value));
            request.accept("lora", canonical);
            return name.isEmpty() && path.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Lora(name, path, scale.orElse(1.0)));
        });
    }
}
