-- Version 1 of key rings in SQLite.
CREATE TABLE rings (
    ring    TEXT    NOT NULL,
    format  TEXT    NOT NULL,
    layout  INTEGER NOT NULL, -- of the body
    version INTEGER NOT NULL CHECK (version >= 0), -- compared before every write
    body    TEXT    NOT NULL, -- the ring as JSON, private halves wrapped
    PRIMARY KEY (ring, format)
) STRICT, WITHOUT ROWID;
