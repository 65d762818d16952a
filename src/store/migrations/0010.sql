-- Version 10: chat with visitors of a shop's page.

-- What signs the visitors' tokens, and how many have written until now; one row at most.
CREATE TABLE chat_site (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    key      BLOB    NOT NULL,
    visitors INTEGER NOT NULL
) STRICT;

CREATE TABLE chat_visitors (
    id      TEXT    PRIMARY KEY,
    -- "customer 12", once they have written.
    number  INTEGER UNIQUE,
    lang    TEXT    NOT NULL,
    -- bot: it answers; new: their next message is that of a new customer; open: the owner knows of them.
    stage   TEXT    NOT NULL CHECK (stage IN ('bot', 'new', 'open')),
    -- The contact book knows them.
    met     INTEGER NOT NULL DEFAULT 0,
    -- When somebody last wrote, milliseconds since 1970.
    seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a visitor's window shows, in its order.
CREATE TABLE chat_messages (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT    NOT NULL UNIQUE,
    visitor  TEXT    NOT NULL REFERENCES chat_visitors (id) ON DELETE CASCADE,
    author   TEXT    NOT NULL CHECK (author IN ('visitor', 'bot', 'shop')),
    -- As in `messages`; of a `redact`, `about` is the message that was taken back.
    kind     TEXT    NOT NULL,
    about    TEXT,
    body     TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    -- What the window calls its own message: with it, sending twice is sending once.
    nonce    TEXT,
    -- The bot has said or answered it: the owner need not hear of it.
    aside    INTEGER NOT NULL,
    taken_back INTEGER NOT NULL DEFAULT 0,
    fetched  INTEGER NOT NULL,
    UNIQUE (visitor, nonce)
) STRICT;

CREATE INDEX chat_messages_visitor ON chat_messages (visitor, seq);
CREATE INDEX chat_messages_new ON chat_messages (seq) WHERE fetched = 0;
CREATE INDEX chat_visitors_seen ON chat_visitors (seen_ms);
