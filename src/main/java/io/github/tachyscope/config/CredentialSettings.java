package io.github.tachyscope.config;

import java.util.Optional;

/** Tokens of other services; see {@code tachyscope.credentials} in {@code reference.conf}. */
public record CredentialSettings(Optional<Secret> huggingFace, Optional<Secret> civitai) {
    static CredentialSettings from(Section section) {
        return new CredentialSettings(
                section.optionalText("hugging-face").map(Secret::new),
                section.optionalText("civitai").map(Secret::new));
    }
}
