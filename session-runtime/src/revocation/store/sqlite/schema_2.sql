-- What version 2 of the revocation log adds: lives, for a file that processes share, and entries that were restored.
ALTER TABLE log ADD COLUMN begun INTEGER NOT NULL DEFAULT 1; -- first position of this life of the log; one without lives before has every position
ALTER TABLE log ADD COLUMN recovering_until INTEGER NOT NULL DEFAULT 0; -- in milliseconds
ALTER TABLE log ADD COLUMN digests BLOB CHECK (length(digests) = 16); -- the key of the processes' digests
ALTER TABLE entries ADD COLUMN covers_below INTEGER; -- tokens with a lower `gen` are covered; NULL: those below the position
