-- Version 8: what is offered because of what somebody wrote, and what came of it.

-- How often something was done on a day (UTC); written only where the owner asked for figures.
CREATE TABLE figures (
    day   TEXT    NOT NULL,
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;

-- Links that were kept, and who sent them.
CREATE TABLE links (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    link      TEXT    NOT NULL UNIQUE,
    from_name TEXT    NOT NULL,
    at        TEXT    NOT NULL
) STRICT;

-- Month and day: `09-18`.
ALTER TABLE contacts ADD COLUMN birthday TEXT;
