-- Everything is only ever added, but for the rows that say what is newest: `employer`, `head` and `consumer`.
-- Text keys compare bytewise; digested bytes are BYTEA; instants are microseconds of the Unix epoch; days are Julian day
-- numbers. A text that is empty in one column stands for none, so that no column is ever null.

-- What is newest of each employer.
CREATE TABLE employer (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL
);
CREATE INDEX employer_region ON employer (region, id);

-- Every version of every record.
CREATE TABLE record (
    employer_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    intake TEXT COLLATE "C" NOT NULL,
    chunk BIGINT NOT NULL,
    PRIMARY KEY (employer_id, version)
);
CREATE INDEX record_intake ON record (intake, chunk);

-- How records came in: an import or a succession.
CREATE TABLE intake (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    at_us BIGINT NOT NULL,
    signature TEXT COLLATE "C" NOT NULL,
    detail BYTEA NOT NULL
);

-- What an import rejected.
CREATE TABLE reject (
    intake TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    employer_id TEXT COLLATE "C" NOT NULL,
    detail BYTEA NOT NULL,
    PRIMARY KEY (intake, number)
);

-- Texts of plans, once each.
CREATE TABLE plan_text (
    digest BYTEA PRIMARY KEY,
    plan TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

-- Results. They are visible when their batch has a publication.
CREATE TABLE determination (
    batch TEXT COLLATE "C" NOT NULL,
    ordinal BIGINT NOT NULL,
    employer_id TEXT COLLATE "C" NOT NULL,
    record_version BIGINT NOT NULL,
    record_digest BYTEA NOT NULL,
    plan_text BYTEA NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    terms TEXT COLLATE "C" NOT NULL,
    result BYTEA NOT NULL,
    detail BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (batch, ordinal)
);
CREATE INDEX determination_employer ON determination (employer_id, batch, ordinal);

-- Digests of a batch's results, chunk by chunk in the order of the ordinals.
CREATE TABLE chunk (
    batch TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    first_ordinal BIGINT NOT NULL,
    size BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (batch, number)
);

-- One row makes a batch visible. Positions of the change feed run through all publications without a gap.
CREATE TABLE publication (
    first_position BIGINT PRIMARY KEY,
    batch TEXT COLLATE "C" NOT NULL UNIQUE,
    size BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    signature TEXT COLLATE "C" NOT NULL
);

-- The ledger: what happened, each entry's digest over the one before.
CREATE TABLE ledger (
    seq BIGINT PRIMARY KEY,
    at_us BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C" NOT NULL,
    detail BYTEA NOT NULL,
    digest BYTEA NOT NULL
);
CREATE INDEX ledger_subject ON ledger (subject, seq);

-- The newest entry and the newest position, locked by whoever adds one.
CREATE TABLE head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    position BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);
INSERT INTO head (id, seq, digest, position, at_us)
VALUES (1, 0, decode('0000000000000000000000000000000000000000000000000000000000000000', 'hex'), 0, 0);

-- Consumers of the change feed, and what they refused.
CREATE TABLE consumer (
    name TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL
);
CREATE TABLE refusal (
    consumer TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at_us BIGINT NOT NULL,
    resolution TEXT COLLATE "C" NOT NULL,
    resolved_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (consumer, position)
);

-- Objections. What stands here follows from the ledger.
CREATE TABLE objection (
    id TEXT COLLATE "C" PRIMARY KEY,
    employer_id TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX objection_employer ON objection (employer_id, id);

-- Requests that changed something, with what they were answered.
CREATE TABLE request (
    id TEXT COLLATE "C" PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    at_us BIGINT NOT NULL
);
