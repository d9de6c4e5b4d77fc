-- Times are microseconds since 1970 (UTC). States are the numbers of `column.rs`. Bodies have tables of their own, so that
-- claiming and settling rewrite short rows only.

CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    partner TEXT NOT NULL,
    channel TEXT NOT NULL,
    route TEXT,
    message_type TEXT,
    key TEXT,
    received_at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    fault TEXT
) STRICT;
CREATE INDEX message_state ON message (state);
CREATE INDEX message_key ON message (key) WHERE key IS NOT NULL;

CREATE TABLE message_body (
    message INTEGER PRIMARY KEY REFERENCES message (seq) ON DELETE CASCADE,
    answer_status INTEGER NOT NULL,
    answer_content_type TEXT NOT NULL,
    answer_body BLOB NOT NULL,
    body BLOB NOT NULL,
    inbound TEXT
) STRICT;

CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BLOB NOT NULL,
    message INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_message ON idempotency (message);

-- `seq` is the place in the lane. `head` marks the one delivery of a lane that may be claimed; a parked delivery that holds
-- its lane would keep the mark. `due` of a delivery in flight is the end of its lease.
CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    message INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    state INTEGER NOT NULL,
    head INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    claimed_at INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    lane TEXT NOT NULL,
    route TEXT NOT NULL,
    step TEXT NOT NULL,
    partner TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    last_fault TEXT
) STRICT;
CREATE INDEX delivery_message ON delivery (message);
CREATE UNIQUE INDEX delivery_head ON delivery (lane) WHERE head = 1;
CREATE INDEX delivery_lane ON delivery (lane, seq) WHERE state <= 1;
CREATE INDEX delivery_due ON delivery (partner, due, state) WHERE head = 1 AND state <= 1;

CREATE TABLE delivery_body (
    delivery INTEGER PRIMARY KEY REFERENCES delivery (seq) ON DELETE CASCADE,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE attempt (
    seq INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES delivery (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    status INTEGER,
    fault TEXT,
    response BLOB
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery);

CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    record TEXT NOT NULL,
    key TEXT NOT NULL,
    json TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    expires INTEGER,
    UNIQUE (record, key)
) STRICT;

CREATE TABLE record_unique (
    record TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    owner INTEGER NOT NULL REFERENCES record (seq) ON DELETE CASCADE,
    PRIMARY KEY (record, field, value)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX record_unique_owner ON record_unique (owner, field);
