-- Version 6: voice messages on their way out.

-- The sound of an outgoing message, until the network has it or nobody wants it any more.
CREATE TABLE recordings (
    message     TEXT    PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    duration_ms INTEGER NOT NULL,
    ogg         BLOB    NOT NULL
) STRICT;

-- What is expired or stuck may still be sent when the user says so.
CREATE TRIGGER recordings_forgotten AFTER UPDATE OF status ON messages
WHEN NEW.kind = 'voice' AND NEW.status NOT IN ('queued', 'sending', 'wedged', 'expired')
BEGIN
    DELETE FROM recordings WHERE message = NEW.id;
END;
