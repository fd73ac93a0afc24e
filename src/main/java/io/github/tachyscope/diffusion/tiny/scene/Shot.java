package io.github.tachyscope.diffusion.tiny.scene;

/**
 * How a modelled scene is lit and looked at.
 *
 * @param zoom focal length in half picture widths
 * @param sun direction towards the light, of length one
 * @param sky colour of the light from everywhere else and of the background straight up
 * @param haze colour of the background at eye level and of the fog
 * @param fog share of the view that is lost per unit of distance
 * @param focus distance of what is sharp
 * @param aperture blur of far things in pixels
 */
record Shot(
        Vec eye,
        Vec target,
        float zoom,
        Vec sun,
        Rgb sunlight,
        Rgb sky,
        Rgb haze,
        float fog,
        float focus,
        float aperture) {}
