-- What a process of version 1 has left behind: one delivery that is pending, and one that was in flight.

INSERT INTO message VALUES (1, 'm1', 'shop', 'shop/inbox', 'bank/order', 'Order', NULL, 1, 0, NULL);
INSERT INTO message_body VALUES (1, 202, 'application/json', x'', x'7b7d', NULL);
INSERT INTO idempotency VALUES ('shop/inbox', 'o1', x'0707070707070707070707070707070707070707070707070707070707070707', 1);
INSERT INTO delivery VALUES
    (1, 'd1', 1, 0, 1, 1, 0, 3, 0, 0, 0, 'bank#d1', 'bank/order', 'send', 'bank', 'bank/orders', 'd1', 'POST',
     'http://bank.test/orders', 'application/json', NULL),
    (2, 'd2', 1, 1, 1, 9000000000000000, 1, 3, 1, 2, 0, 'bank#d2', 'bank/order', 'send', 'bank', 'bank/orders', 'd2',
     'POST', 'http://bank.test/orders', 'application/json', NULL);
INSERT INTO delivery_body VALUES (1, CAST('{"n":1}' AS BLOB)), (2, CAST('{"n":2}' AS BLOB));
PRAGMA user_version = 1;
