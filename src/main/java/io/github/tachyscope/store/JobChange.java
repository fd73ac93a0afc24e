package io.github.tachyscope.store;

/** What came of an attempt to change a job that somebody else may have changed before. */
public sealed interface JobChange {

    /** It was done; the job as it is now. */
    record Done(Job job) implements JobChange {}

    /** The job was in another state, or in other hands, and stays as it is. */
    record TooLate(Job job) implements JobChange {}

    /** There is no such job. */
    enum Missing implements JobChange {
        INSTANCE
    }
}
