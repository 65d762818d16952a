-- Version 4: messages are found by their words: an index beside them, kept by triggers, that folds case and accents.

CREATE VIRTUAL TABLE messages_words USING fts5 (
    body, content = 'messages', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO messages_words (messages_words) VALUES ('rebuild');

CREATE TRIGGER messages_words_add AFTER INSERT ON messages BEGIN
    INSERT INTO messages_words (rowid, body) VALUES (new.seq, new.body);
END;

CREATE TRIGGER messages_words_change AFTER UPDATE OF body ON messages BEGIN
    INSERT INTO messages_words (messages_words, rowid, body) VALUES ('delete', old.seq, old.body);
    INSERT INTO messages_words (rowid, body) VALUES (new.seq, new.body);
END;

CREATE TRIGGER messages_words_remove AFTER DELETE ON messages BEGIN
    INSERT INTO messages_words (messages_words, rowid, body) VALUES ('delete', old.seq, old.body);
END;
