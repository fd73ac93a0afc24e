package io.github.tachyscope.diffusion.tiny.scene;

/**
 * A picture and what it shows.
 *
 * @param content a phrase for a prompt, such as "a woman with a hat"
 */
public record Scene(Picture picture, String content) {
    public Scene {
        if (content.isBlank()) {
            throw new IllegalArgumentException("a scene needs a description");
        }
    }
}
