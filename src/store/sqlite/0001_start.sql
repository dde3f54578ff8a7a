-- Everything is only ever added, but for the rows that say what is newest: `employer`, `head` and `consumer`.
-- Text keys compare bytewise as is; digested bytes are BLOB; instants are microseconds of the Unix epoch; days are Julian day
-- numbers. A text that is empty in one column stands for none, so that no column is ever null.

-- What is newest of each employer.
CREATE TABLE employer (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX employer_region ON employer (region, id);

-- Every version of every record.
CREATE TABLE record (
    employer_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    region TEXT NOT NULL,
    digest BLOB NOT NULL,
    body BLOB NOT NULL,
    intake TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    PRIMARY KEY (employer_id, version)
) STRICT;
CREATE INDEX record_intake ON record (intake, chunk);

-- How records came in: an import or a succession.
CREATE TABLE intake (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    signature TEXT NOT NULL,
    detail BLOB NOT NULL
) STRICT;

-- What an import rejected.
CREATE TABLE reject (
    intake TEXT NOT NULL,
    number INTEGER NOT NULL,
    employer_id TEXT NOT NULL,
    detail BLOB NOT NULL,
    PRIMARY KEY (intake, number)
) STRICT;

-- Texts of plans, once each.
CREATE TABLE plan_text (
    digest BLOB PRIMARY KEY,
    plan TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Results. They are visible when their batch has a publication.
CREATE TABLE determination (
    batch TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    employer_id TEXT NOT NULL,
    record_version INTEGER NOT NULL,
    record_digest BLOB NOT NULL,
    plan_text BLOB NOT NULL,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    terms TEXT NOT NULL,
    result BLOB NOT NULL,
    detail BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (batch, ordinal)
) STRICT;
CREATE INDEX determination_employer ON determination (employer_id, batch, ordinal);

-- Digests of a batch's results, chunk by chunk in the order of the ordinals.
CREATE TABLE chunk (
    batch TEXT NOT NULL,
    number INTEGER NOT NULL,
    first_ordinal INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (batch, number)
) STRICT;

-- One row makes a batch visible. Positions of the change feed run through all publications without a gap.
CREATE TABLE publication (
    first_position INTEGER PRIMARY KEY,
    batch TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    signature TEXT NOT NULL
) STRICT;

-- The ledger: what happened, each entry's digest over the one before.
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    signature TEXT NOT NULL,
    detail BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX ledger_subject ON ledger (subject, seq);

-- The newest entry and the newest position, locked by whoever adds one.
CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    position INTEGER NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;
INSERT INTO head (id, seq, digest, position, at_us)
VALUES (1, 0, x'0000000000000000000000000000000000000000000000000000000000000000', 0, 0);

-- Consumers of the change feed, and what they refused.
CREATE TABLE consumer (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT;
CREATE TABLE refusal (
    consumer TEXT NOT NULL,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    resolution TEXT NOT NULL,
    resolved_by TEXT NOT NULL,
    PRIMARY KEY (consumer, position)
) STRICT;

-- Objections. What stands here follows from the ledger.
CREATE TABLE objection (
    id TEXT PRIMARY KEY,
    employer_id TEXT NOT NULL,
    region TEXT NOT NULL,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX objection_employer ON objection (employer_id, id);

-- Requests that changed something, with what they were answered.
CREATE TABLE request (
    id TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    answer TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;
