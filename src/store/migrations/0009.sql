-- Version 9: money. A double-entry book whose balances follow from its transfers, and what stands around it.

-- `tab`: what a contact owes the owner (below zero: what the owner owes). `paid`: money that went to a contact.
-- `mine` and `money` are the other sides of the two: what the owner has to get or to give, and where money leaves from.
CREATE TABLE ledger_accounts (
    id       TEXT    PRIMARY KEY,
    kind     TEXT    NOT NULL CHECK (kind IN ('tab', 'paid', 'mine', 'money')),
    contact  INTEGER,
    currency TEXT    NOT NULL CHECK (length(currency) = 3)
) STRICT, WITHOUT ROWID;

-- Two phases: `pending -> posted` or `voided`; both ends are final. Amounts are in minor units.
CREATE TABLE transfers (
    id     TEXT    PRIMARY KEY,
    debit  TEXT    NOT NULL REFERENCES ledger_accounts (id),
    credit TEXT    NOT NULL REFERENCES ledger_accounts (id) CHECK (credit <> debit),
    amount INTEGER NOT NULL CHECK (amount > 0),
    state  TEXT    NOT NULL CHECK (state IN ('pending', 'posted', 'voided'))
) STRICT, WITHOUT ROWID;

CREATE INDEX transfers_debit ON transfers (debit, state);
CREATE INDEX transfers_credit ON transfers (credit, state);

CREATE VIEW postings (account, amount) AS
    SELECT debit, amount FROM transfers WHERE state = 'posted'
    UNION ALL
    SELECT credit, -amount FROM transfers WHERE state = 'posted';

CREATE TRIGGER ledger_accounts_stay BEFORE UPDATE ON ledger_accounts BEGIN
    SELECT RAISE (ABORT, 'an account of the ledger never changes');
END;
CREATE TRIGGER ledger_accounts_are_kept BEFORE DELETE ON ledger_accounts BEGIN
    SELECT RAISE (ABORT, 'an account of the ledger is never deleted');
END;
-- INSERT OR REPLACE deletes without asking the triggers of DELETE.
CREATE TRIGGER ledger_accounts_are_not_replaced BEFORE INSERT ON ledger_accounts
WHEN EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id) BEGIN
    SELECT RAISE (ABORT, 'an account of the ledger never changes');
END;
CREATE TRIGGER transfers_end_once BEFORE UPDATE ON transfers
WHEN NOT (
    OLD.state = 'pending' AND NEW.state IN ('posted', 'voided')
    AND NEW.id = OLD.id AND NEW.debit = OLD.debit AND NEW.credit = OLD.credit AND NEW.amount = OLD.amount
) BEGIN
    SELECT RAISE (ABORT, 'a transfer never changes but from pending to its end');
END;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers BEGIN
    SELECT RAISE (ABORT, 'a transfer is never deleted');
END;
CREATE TRIGGER transfers_are_not_replaced BEFORE INSERT ON transfers
WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id) BEGIN
    SELECT RAISE (ABORT, 'a transfer never changes');
END;
CREATE TRIGGER transfers_stay_in_their_currency BEFORE INSERT ON transfers
WHEN (SELECT currency FROM ledger_accounts WHERE id = NEW.debit)
    IS NOT (SELECT currency FROM ledger_accounts WHERE id = NEW.credit) BEGIN
    SELECT RAISE (ABORT, 'a transfer stays in its currency');
END;

-- What the transfers are about. Names and addresses are kept as they were.
CREATE TABLE payments (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT    NOT NULL UNIQUE REFERENCES transfers (id),
    kind      TEXT    NOT NULL CHECK (kind IN ('pay', 'request')),
    contact   INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    amount    INTEGER NOT NULL,
    currency  TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    method    TEXT    NOT NULL CHECK (method IN ('tab', 'bank', 'wallet')),
    -- `voice` counts towards the limits, `pin` does not.
    factor    TEXT    NOT NULL CHECK (factor IN ('voice', 'pin')),
    -- When it was confirmed, by both clocks.
    at_ms     INTEGER NOT NULL,
    steady_ms INTEGER NOT NULL,
    boot      TEXT    NOT NULL,
    -- Where it goes: the name on the account and its IBAN, or a wallet address; empty on the tab.
    holder    TEXT    NOT NULL,
    address   TEXT    NOT NULL,
    -- What the wallet calls it; once this is here, money may have moved.
    reference TEXT,
    details   TEXT,
    receipt   TEXT,
    -- Why it was voided.
    refusal   TEXT,
    -- Of a request: how it ended.
    closed    TEXT    CHECK (closed IN ('settled', 'withdrawn'))
) STRICT;

CREATE TRIGGER payments_stay BEFORE UPDATE OF
    seq, id, kind, contact, name, amount, currency, reason, method, factor, at_ms, steady_ms, boot, holder, address
ON payments BEGIN
    SELECT RAISE (ABORT, 'what was confirmed never changes');
END;
CREATE TRIGGER payments_are_kept BEFORE DELETE ON payments BEGIN
    SELECT RAISE (ABORT, 'a payment is never deleted');
END;

CREATE INDEX payments_contact ON payments (contact, amount, currency, seq);

-- Who may be paid by voice, and where: decided by touch and PIN.
CREATE TABLE payees (
    contact INTEGER PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    holder  TEXT    NOT NULL,
    iban    TEXT,
    wallet  TEXT
) STRICT;

-- The second factor, as an Argon2id hash; one row at most.
CREATE TABLE pay_pin (
    one              INTEGER PRIMARY KEY CHECK (one = 1),
    hash             TEXT    NOT NULL,
    wrong            INTEGER NOT NULL,
    locked_steady_ms INTEGER,
    locked_boot      TEXT,
    -- The last payment before the PIN was last right: the limits count from here.
    counted_from     INTEGER NOT NULL
) STRICT;

-- What was done about money, each row with the hash of the row before. AUTOINCREMENT remembers how many there were.
CREATE TABLE pay_trail (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    event    TEXT    NOT NULL,
    payment  TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    amount   TEXT    NOT NULL,
    currency TEXT    NOT NULL,
    before   BLOB    NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;

CREATE TRIGGER pay_trail_stays BEFORE UPDATE ON pay_trail BEGIN
    SELECT RAISE (ABORT, 'the trail never changes');
END;
CREATE TRIGGER pay_trail_is_kept BEFORE DELETE ON pay_trail BEGIN
    SELECT RAISE (ABORT, 'the trail is never shortened');
END;
CREATE TRIGGER pay_trail_is_not_replaced BEFORE INSERT ON pay_trail
WHEN EXISTS (SELECT 1 FROM pay_trail WHERE seq >= NEW.seq) BEGIN
    SELECT RAISE (ABORT, 'the trail never changes');
END;
