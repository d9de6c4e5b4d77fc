-- What becomes of a delivery that is given up (the numbers of `column.rs`), and since when it is tried. What is over goes
-- after some time, found by when it came. Partners that a person has paused.

ALTER TABLE delivery ADD COLUMN on_exhausted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
UPDATE delivery SET since = (SELECT received_at FROM message WHERE seq = delivery.message);
ALTER TABLE message_body ADD COLUMN trace TEXT;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (partner, due, state, since) WHERE head = 1 AND state <= 1;
CREATE INDEX delivery_latest ON delivery (lane, endpoint, seq) WHERE on_exhausted = 2;
CREATE INDEX message_received ON message (received_at);
CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;

CREATE TABLE pause (
    partner TEXT PRIMARY KEY,
    messages INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
