-- Version 1 of key rings in PostgreSQL. It is applied once, under an advisory lock; `session_keys_schema` then says so.
CREATE TABLE session_keys_schema (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint  NOT NULL
);
INSERT INTO session_keys_schema (version) VALUES (1);

CREATE TABLE session_keys (
    ring    text   NOT NULL,
    format  text   NOT NULL,
    layout  bigint NOT NULL, -- of the body
    version bigint NOT NULL CHECK (version >= 0), -- compared before every write
    body    text   NOT NULL, -- the ring as JSON, private halves wrapped; text and not jsonb, so that it is read back as it was written
    changed timestamptz NOT NULL DEFAULT now(), -- for the operator only
    PRIMARY KEY (ring, format)
);
