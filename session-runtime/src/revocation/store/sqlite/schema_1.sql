-- Version 1 of the revocation log. Times are seconds since 1970-01-01T00:00:00Z.
CREATE TABLE log (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    epoch   TEXT    NOT NULL, -- random; another one means another log
    horizon INTEGER NOT NULL CHECK (horizon >= 0) -- longest life of a token in seconds; 9223372036854775807: for ever
) STRICT;

CREATE TABLE entries (
    position  INTEGER PRIMARY KEY AUTOINCREMENT, -- AUTOINCREMENT never gives a position twice, also after entries were pruned
    kind      TEXT    NOT NULL, -- token, subject, everything or key
    issuer    TEXT    NOT NULL, -- or the ring of a key; empty where there is none
    name      TEXT    NOT NULL, -- token id, subject or key id; empty for everything
    not_after INTEGER NOT NULL, -- the last moment at which the entry is needed; 9223372036854775807: for ever
    UNIQUE (kind, issuer, name)
) STRICT;

CREATE INDEX entries_by_end ON entries (not_after);
