-- Rate cycles. `cycle` and `decision` say what is newest, which follows from the ledger; of a run, `cycle` also says who
-- runs it, until when, and how far it is.
CREATE TABLE cycle (
    id TEXT COLLATE "C" PRIMARY KEY,
    region TEXT COLLATE "C" NOT NULL,
    rating_day BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    batch TEXT COLLATE "C" NOT NULL,
    done BIGINT NOT NULL,
    token BIGINT NOT NULL,
    runner TEXT COLLATE "C" NOT NULL,
    expires_us BIGINT NOT NULL
);
CREATE INDEX cycle_region ON cycle (region, rating_day);

-- What a freeze holds fast: the employers, each with a version of its record, in the order of their ids.
CREATE TABLE pin (
    cycle TEXT COLLATE "C" NOT NULL,
    freeze_number BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    employer_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (cycle, freeze_number, ordinal)
);

-- Chunks that a run has done: up to which pin, up to which determination and chunk of its batch, the digests over their
-- results and over their review items, their sums, and the digest over the row.
CREATE TABLE run_chunk (
    batch TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    last_pin BIGINT NOT NULL,
    last_ordinal BIGINT NOT NULL,
    last_chunk BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    items BYTEA NOT NULL,
    tally BYTEA NOT NULL,
    row_digest BYTEA NOT NULL,
    PRIMARY KEY (batch, number)
);

-- Employers of a run that a person must decide on.
CREATE TABLE review_item (
    batch TEXT COLLATE "C" NOT NULL,
    ordinal BIGINT NOT NULL,
    employer_id TEXT COLLATE "C" NOT NULL,
    record_version BIGINT NOT NULL,
    record_digest BYTEA NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    result BYTEA NOT NULL,
    detail BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (batch, ordinal)
);
CREATE INDEX review_item_employer ON review_item (batch, employer_id);

-- What was decided on them, and the version of the record that it stands on.
CREATE TABLE decision (
    cycle TEXT COLLATE "C" NOT NULL,
    employer_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (cycle, employer_id)
);
