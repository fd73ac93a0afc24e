/**
 * Gets bytes from other hosts: by HTTPS, from allowed hosts only, bounded, checked, and resumed where they broke off.
 *
 * <p>Asked by {@code download} for weights and LoRA files, and by whoever takes an address from a client. Every hop of a
 * redirect is checked by {@link io.github.tachyscope.fetch.HostPolicy}; tokens go to the host they are meant for and to no
 * other. All methods block and end when their thread is interrupted. It knows no folders: where a file belongs is for
 * {@code store} to say.
 */
@NullMarked
package io.github.tachyscope.fetch;

import org.jspecify.annotations.NullMarked;
