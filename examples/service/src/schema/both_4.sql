-- From version 3, in which each sign-in read all the others to take away those that are over.
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
