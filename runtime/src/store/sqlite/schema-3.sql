-- What makes two messages the same one is a part of the message. The index holds what is needed to find one and nothing
-- else: ids come in no order, and each new one changes another page of it.

ALTER TABLE message ADD COLUMN scope TEXT;
ALTER TABLE message ADD COLUMN sender_id TEXT;
ALTER TABLE message ADD COLUMN digest BLOB;
UPDATE message SET scope = i.scope, sender_id = i.id, digest = i.digest FROM idempotency i WHERE i.message = message.seq;
CREATE UNIQUE INDEX message_identity ON message (sender_id, scope) WHERE sender_id IS NOT NULL;
DROP TABLE idempotency;
