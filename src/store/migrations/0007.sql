-- Version 7: the companion page: who may see it.

-- The code that is being shown, as its SHA-256; one row at most.
CREATE TABLE pairing (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    code            BLOB    NOT NULL,
    expires_ms      INTEGER NOT NULL,
    tries           INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL
) STRICT;

-- Devices that were let in, each with the SHA-256 of its token.
CREATE TABLE devices (
    id        TEXT    PRIMARY KEY,
    name      TEXT    NOT NULL,
    token     BLOB    NOT NULL UNIQUE,
    paired_ms INTEGER NOT NULL,
    seen_ms   INTEGER NOT NULL
) STRICT;

-- The messages of one conversation, page by page.
CREATE INDEX messages_conversation ON messages (conversation, seq);
