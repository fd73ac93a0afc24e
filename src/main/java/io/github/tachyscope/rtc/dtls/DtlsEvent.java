package io.github.tachyscope.rtc.dtls;

/** How a {@link DtlsHandshake} ends. */
public sealed interface DtlsEvent {
    /** The other side is who the offer said. From now on only the receiver of this event may use the channel. */
    record Established(DtlsChannel channel, SrtpExport keys) implements DtlsEvent {}

    /** There is no connection. */
    record Failed(String reason) implements DtlsEvent {}
}
