-- From version 2, in which two replicas could put an older token over a newer one.
ALTER TABLE customers ADD COLUMN token_version INTEGER NOT NULL DEFAULT 0;
