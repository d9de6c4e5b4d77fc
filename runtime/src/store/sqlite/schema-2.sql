-- Headers that a contract or a route sets: JSON text, pairs of a name and a value. Rows of version 1 have none.

ALTER TABLE message_body ADD COLUMN answer_headers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE delivery_body ADD COLUMN headers TEXT NOT NULL DEFAULT '[]';
