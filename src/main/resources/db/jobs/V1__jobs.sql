-- The same statements for H2 and PostgreSQL. Times are milliseconds since the epoch. A migration that was released is
-- never edited; a change is a new file with the next number.

-- One row: numbers jobs in the order of their arrival. Its lock also makes the limit of waiting jobs exact.
CREATE TABLE job_counter (
    last_number BIGINT NOT NULL
);

INSERT INTO job_counter (last_number) VALUES (0);

CREATE TABLE job (
    number           BIGINT           PRIMARY KEY,
    id               VARCHAR(120)     NOT NULL UNIQUE,
    face             VARCHAR(40)      NOT NULL,
    model            TEXT             NOT NULL,
    prompt           TEXT             NOT NULL,
    owner            VARCHAR(200)     NOT NULL,
    request          TEXT             NOT NULL,
    notes            TEXT,
    priority         DOUBLE PRECISION NOT NULL,
    -- queued, running, completed, failed, cancelled; or deleting: its files are being removed
    state            VARCHAR(16)      NOT NULL,
    cancel_requested BOOLEAN          NOT NULL,
    created_at       BIGINT           NOT NULL,
    started_at       BIGINT,
    finished_at      BIGINT,
    expires_at       BIGINT,
    steps_done       INTEGER          NOT NULL,
    steps_total      INTEGER          NOT NULL,
    chunks_done      INTEGER          NOT NULL,
    chunks_total     INTEGER          NOT NULL,
    width            INTEGER          NOT NULL,
    height           INTEGER          NOT NULL,
    fps              DOUBLE PRECISION NOT NULL,
    frames           INTEGER          NOT NULL,
    -- 64 bits, to be read without sign
    seed             BIGINT           NOT NULL,
    -- JSON: name of a stage to its seconds
    stage_seconds    TEXT             NOT NULL,
    peak_memory      BIGINT           NOT NULL,
    error_code       VARCHAR(100),
    error_message    TEXT,
    -- How often it was claimed, and how often it was lost with its server.
    attempt          INTEGER          NOT NULL,
    losses           INTEGER          NOT NULL,
    node             VARCHAR(63),
    lease_until      BIGINT
);

-- What is next, and what is before a job.
CREATE INDEX job_queue ON job (state, priority, number);
-- Lists.
CREATE INDEX job_created ON job (created_at, number);
-- What has expired.
CREATE INDEX job_expiry ON job (state, expires_at);

CREATE TABLE job_file (
    job        BIGINT       NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    ordinal    INTEGER      NOT NULL,
    name       VARCHAR(120) NOT NULL,
    kind       VARCHAR(16)  NOT NULL,
    media_type VARCHAR(120) NOT NULL,
    bytes      BIGINT       NOT NULL,
    sha256     CHAR(64)     NOT NULL,
    -- The face's own words about the file.
    label      TEXT         NOT NULL,
    PRIMARY KEY (job, ordinal)
);
