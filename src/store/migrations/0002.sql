-- Version 2: the audit trail. What Herald did and about whom, for "why did you do that?"; kept for 30 days.
-- The words of a message are not in it.

-- And `messages.announced` may be 2: to be told together with others, later.

CREATE TABLE audit (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    deed  TEXT NOT NULL,
    who   TEXT NOT NULL
) STRICT;
