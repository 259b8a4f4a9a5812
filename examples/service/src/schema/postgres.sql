-- What must outlive a process. Sealed columns hold XChaCha20-Poly1305 ciphertext; see seal.rs.

-- A person at Ratio, and the token of their Ratio session as it was last rotated.
CREATE TABLE customers (
    id             TEXT PRIMARY KEY,
    ratio_user_id  TEXT NOT NULL UNIQUE,
    wallet_id      TEXT NOT NULL,         -- where their purchases go
    session_token  BYTEA NOT NULL,         -- sealed
    token_version  BIGINT NOT NULL DEFAULT 0  -- grows with every token
);

-- A browser or app that is signed in. The cookie's value is not kept, only its SHA-256.
CREATE TABLE sign_ins (
    cookie_sha256  BYTEA PRIMARY KEY,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    expires_at     BIGINT NOT NULL
);

CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- One run through Plaid Link; see links.rs for the states and who moves between them.
CREATE TABLE links (
    id             TEXT PRIMARY KEY,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    repairs_bank   TEXT,                  -- set when the run repairs a bank that is linked already
    state          TEXT NOT NULL CHECK (state IN ('open', 'connected', 'finished', 'left', 'failed')),
    reason         TEXT,                  -- why it was left or failed: a code, never a sentence of the vendor's
    in_flight      BYTEA,                  -- sealed; gone once the run is over
    public_token   BYTEA,                  -- sealed; gone once the run is over
    attempts       BIGINT NOT NULL DEFAULT 0,
    claimed_until  BIGINT,
    begun_at       BIGINT NOT NULL,
    number         BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX links_of_customer ON links (customer_id, begun_at);
CREATE INDEX links_to_finish ON links (state) WHERE state = 'connected';

-- A purchase. The row is written before the request leaves, and no row is ever sent twice.
CREATE TABLE orders (
    id             TEXT PRIMARY KEY,
    customer_id    TEXT NOT NULL REFERENCES customers (id),
    bank_id        TEXT NOT NULL,
    wallet_id      TEXT NOT NULL,
    amount         TEXT NOT NULL,
    currency       TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'unclear', 'absent')),
    reason         TEXT,
    item_id        TEXT UNIQUE,           -- Ratio's activity item: of one order and no other
    looks          BIGINT NOT NULL DEFAULT 0,
    look_at        BIGINT,               -- when an unclear order is looked for next, if it is
    placed_at      BIGINT NOT NULL,
    number         BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX orders_of_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_to_look_for ON orders (look_at) WHERE state IN ('sending', 'unclear');

-- What Ratio's webhook said, once per delivery however often it is repeated.
CREATE TABLE bank_updates (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    signed_sha256  BYTEA NOT NULL UNIQUE,
    ratio_user_id  TEXT NOT NULL,
    received_at    BIGINT NOT NULL
);

CREATE INDEX bank_updates_of_user ON bank_updates (ratio_user_id);
