-- Version 1 of the revocation log in PostgreSQL. It is applied once, under an advisory lock; `session_revocations_schema` then says so.
-- Times are seconds since 1970-01-01T00:00:00Z, and 9223372036854775807 means for ever.
CREATE TABLE session_revocations_schema (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint  NOT NULL
);
INSERT INTO session_revocations_schema (version) VALUES (1);

-- How the log stands. Without its row there is no log, and whoever knows what stood there begins one.
CREATE TABLE session_revocations_log (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch   text    NOT NULL, -- random; another one means another life of the log
    head    bigint  NOT NULL CHECK (head BETWEEN 0 AND 9007199254740991), -- the last position that was given
    begun   bigint  NOT NULL CHECK (begun <= head), -- the first position of this life
    horizon bigint  NOT NULL CHECK (horizon >= 0), -- longest life of a token
    digests bytea   NOT NULL CHECK (octet_length(digests) = 16), -- the key of the nodes' digests
    server  text    NOT NULL, -- which server this life belongs to; another one may lack what this one had acknowledged
    recovering_until timestamptz NOT NULL
);

CREATE TABLE session_revocations (
    position     bigint PRIMARY KEY CHECK (position > 0), -- whoever reads from the start asks for what is above 0
    word         text   NOT NULL, -- token, subject, everything, key or session; with `-digest` where only that is known
    -- UTF-8 in bytes: a database may have another encoding, and text holds no U+0000. `encode(name, 'escape')` shows it.
    issuer       bytea  NOT NULL, -- or the ring of a key; empty where there is none
    name         bytea  NOT NULL, -- token id, subject, key id or session id; empty for everything
    not_after    bigint NOT NULL, -- the last moment at which the entry is needed
    covers_below bigint NOT NULL -- tokens with a lower `gen` are covered
);

-- Of digests: an index takes no more than about 2,700 bytes, and a name that is too long for it could never be revoked.
CREATE UNIQUE INDEX session_revocations_target ON session_revocations (word, sha256(issuer), sha256(name));
CREATE INDEX session_revocations_end ON session_revocations (not_after);
