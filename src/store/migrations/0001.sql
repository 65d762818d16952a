-- Version 1: what the user told Herald to keep.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- ---------------------------------------------------------------------------------------------------------
-- Messages: the journal of what was confirmed (outbox) and of what arrived (inbox), and the local network.
-- Names and contact ids are kept as they were: a contact that is deleted takes no message with it.

-- A conversation is known by an id that follows from its members, the owner of the device not counted.
CREATE TABLE conversations (
    id      TEXT PRIMARY KEY,
    network TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation_members (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    address      TEXT NOT NULL,
    position     INTEGER NOT NULL,
    contact_id   INTEGER,
    name         TEXT NOT NULL,
    PRIMARY KEY (conversation, address)
) STRICT, WITHOUT ROWID;

-- `seq` is the order of everything: a clock may be wrong, a sequence is not.
-- `sender` is the address of who wrote it; NULL is the owner.
CREATE TABLE messages (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    conversation   TEXT NOT NULL REFERENCES conversations (id),
    kind           TEXT NOT NULL,
    sender         TEXT,
    body           TEXT NOT NULL,
    in_reply_to    TEXT,
    at             TEXT NOT NULL,
    status         TEXT NOT NULL,
    reason         TEXT,
    -- Outgoing: since when it waits, milliseconds since 1970, corrected when the clock jumps.
    waits_since_ms INTEGER,
    -- Incoming: 1 once Herald has told that it arrived.
    announced      INTEGER
) STRICT;

-- What waits to be sent, in order; small however large the journal grows.
CREATE INDEX messages_waiting ON messages (conversation, seq) WHERE status IN ('queued', 'sending');
-- What needs the user's decision.
CREATE INDEX messages_stuck ON messages (seq) WHERE status IN ('wedged', 'expired');
CREATE INDEX messages_unread ON messages (conversation, seq) WHERE status = 'received';
CREATE INDEX messages_unannounced ON messages (seq) WHERE announced = 0;

-- The local network: what a server is to the other networks. `id` makes a second sending of a message no
-- second message. `sender` is NULL for the owner of the device.
CREATE TABLE local_messages (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    sender       TEXT,
    body         TEXT NOT NULL,
    in_reply_to  TEXT,
    at           TEXT NOT NULL,
    taken_back   INTEGER NOT NULL DEFAULT 0,
    fetched      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX local_messages_new ON local_messages (seq) WHERE fetched = 0 AND sender IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------------
-- The contact book. An id is never used twice: messages keep it.

CREATE TABLE contacts (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The vCard's UID, where it had one.
    uid    TEXT UNIQUE,
    name   TEXT NOT NULL,
    given  TEXT NOT NULL,
    family TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('person', 'group')),
    lang   TEXT
) STRICT;

CREATE TABLE contact_nicknames (
    contact  INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    nickname TEXT NOT NULL,
    PRIMARY KEY (contact, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_handles (
    contact  INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    network  TEXT NOT NULL,
    address  TEXT NOT NULL,
    PRIMARY KEY (contact, position)
) STRICT, WITHOUT ROWID;

-- Members as the group's card names them (a UID or an address): their cards may be imported later.
CREATE TABLE contact_members (
    contact  INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    member   TEXT NOT NULL,
    PRIMARY KEY (contact, position)
) STRICT, WITHOUT ROWID;

-- Whom the user meant when Herald understood somebody else; `said` is folded.
CREATE TABLE contact_corrections (
    said    TEXT PRIMARY KEY,
    contact INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
