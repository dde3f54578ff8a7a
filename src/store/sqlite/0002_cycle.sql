-- Rate cycles. `cycle` and `decision` say what is newest, which follows from the ledger; of a run, `cycle` also says who
-- runs it, until when, and how far it is.
CREATE TABLE cycle (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    rating_day INTEGER NOT NULL,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    batch TEXT NOT NULL,
    done INTEGER NOT NULL,
    token INTEGER NOT NULL,
    runner TEXT NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT;
CREATE INDEX cycle_region ON cycle (region, rating_day);

-- What a freeze holds fast: the employers, each with a version of its record, in the order of their ids.
CREATE TABLE pin (
    cycle TEXT NOT NULL,
    freeze_number INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    employer_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (cycle, freeze_number, ordinal)
) STRICT;

-- Chunks that a run has done: up to which pin, up to which determination and chunk of its batch, the digests over their
-- results and over their review items, their sums, and the digest over the row.
CREATE TABLE run_chunk (
    batch TEXT NOT NULL,
    number INTEGER NOT NULL,
    last_pin INTEGER NOT NULL,
    last_ordinal INTEGER NOT NULL,
    last_chunk INTEGER NOT NULL,
    digest BLOB NOT NULL,
    items BLOB NOT NULL,
    tally BLOB NOT NULL,
    row_digest BLOB NOT NULL,
    PRIMARY KEY (batch, number)
) STRICT;

-- Employers of a run that a person must decide on.
CREATE TABLE review_item (
    batch TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    employer_id TEXT NOT NULL,
    record_version INTEGER NOT NULL,
    record_digest BLOB NOT NULL,
    region TEXT NOT NULL,
    result BLOB NOT NULL,
    detail BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (batch, ordinal)
) STRICT;
CREATE INDEX review_item_employer ON review_item (batch, employer_id);

-- What was decided on them, and the version of the record that it stands on.
CREATE TABLE decision (
    cycle TEXT NOT NULL,
    employer_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (cycle, employer_id)
) STRICT;
