-- From version 1, whose orders kept neither their wallet nor their item, and nobody looked for the unclear ones.
ALTER TABLE orders RENAME TO orders_1;
DROP INDEX orders_of_customer;

CREATE TABLE orders (
    id             TEXT PRIMARY KEY,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    bank_id        TEXT NOT NULL,
    wallet_id      TEXT NOT NULL,
    amount         TEXT NOT NULL,
    currency       TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'unclear', 'absent')),
    reason         TEXT,
    item_id        TEXT UNIQUE,
    looks          INTEGER NOT NULL DEFAULT 0,
    look_at        INTEGER,
    placed_at      INTEGER NOT NULL
) STRICT;

-- The items of those that were accepted are not known, so that nobody could tell them from an unclear one: those stay for
-- a person to decide, as they were: all their looks count as made.
INSERT INTO orders (id, customer_id, bank_id, wallet_id, amount, currency, state, reason, looks, placed_at)
SELECT orders_1.id, customer_id, bank_id, wallet_id, amount, currency,
       CASE state WHEN 'sending' THEN 'unclear' ELSE state END, reason, 8, placed_at
FROM orders_1 JOIN customers ON customers.id = customer_id;

DROP TABLE orders_1;
CREATE INDEX orders_of_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_to_look_for ON orders (look_at) WHERE state IN ('sending', 'unclear');
