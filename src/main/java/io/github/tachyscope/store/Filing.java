package io.github.tachyscope.store;

import java.util.Map;

/**
 * The wish that files of a job also stand where people look, as {@code <prefix>_<counter>_.<extension>}.
 *
 * @param prefix of the name, with subfolders; {@code %width%}, {@code %height%}, {@code %year%}, {@code %month%}, {@code
 *     %day%}, {@code %hour%}, {@code %minute%}, {@code %second%} and {@code %batch_num%} stand for what they say
 * @param variables further ones by name without percent signs; they win over those above
 */
public record Filing(MediaFolder folder, String prefix, Map<String, String> variables) {
    public Filing {
        variables = Map.copyOf(variables);
    }
}
