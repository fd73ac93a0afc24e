package io.github.tachyscope.rtc.ice;

/** What happens on an {@link IceSession}. */
public sealed interface IceEvent {

    /** Both directions of a way are checked; datagrams can be sent. */
    enum Connected implements IceEvent {
        INSTANCE
    }

    /** No way was found, or the one found is lost. */
    enum Failed implements IceEvent {
        INSTANCE
    }

    /** The other side still agrees to get our datagrams. */
    enum Consented implements IceEvent {
        INSTANCE
    }

    /** Bytes from the other side that are not STUN; the array belongs to the receiver. */
    record Datagram(byte[] bytes) implements IceEvent {}
}
