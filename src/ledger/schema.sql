-- The ledger's tables.  Times are milliseconds since 1970-01-01 UTC; numbers
-- of customers appear masked and as keyed hash only; passcodes never.
--
-- One text for SQLite and PostgreSQL, where INTEGER becomes BIGINT, and TEXT is
-- compared byte by byte.  What keeps events as they are is the engines'.

CREATE TABLE verifications (
    id               TEXT PRIMARY KEY,
    interaction      TEXT NOT NULL,   -- call, conversation or task SID
    to_id            TEXT NOT NULL,   -- keyed hash of the number, or of the e-mail address if there is none
    to_mask          TEXT NOT NULL,   -- of the number or e-mail address that the code went to
    task_sid         TEXT NOT NULL,
    channel          TEXT NOT NULL,
    verification_sid TEXT NOT NULL,   -- Twilio's; empty until it is known
    state            TEXT NOT NULL,
    lost             TEXT NOT NULL,   -- the operation whose answer was lost, if the state is unclear
    operation        TEXT NOT NULL,   -- what was under way when the row was written
    operation_id     TEXT NOT NULL,
    operation_until  INTEGER NOT NULL,
    sends            INTEGER NOT NULL,
    checks           INTEGER NOT NULL,
    sent_by_id       TEXT NOT NULL,   -- an agent: a worker's SID, or user: and a name
    sent_by_name     TEXT NOT NULL,
    checked_by_id    TEXT NOT NULL,   -- who entered the last code
    checked_by_name  TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    sent_at          INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    approved_at      INTEGER NOT NULL,
    approved_until   INTEGER NOT NULL,
    decided_at       INTEGER NOT NULL DEFAULT 0,  -- stopped or overridden: when,
    decided_until    INTEGER NOT NULL DEFAULT 0,  -- until when,
    decided_by_id    TEXT NOT NULL DEFAULT '',    -- by whom
    decided_by_name  TEXT NOT NULL DEFAULT '',
    reason           TEXT NOT NULL DEFAULT '',    -- and why
    customer_id      TEXT NOT NULL DEFAULT '',    -- keyed hash of the id of the customer's record, if one was looked up
    verifier         TEXT NOT NULL DEFAULT '',    -- of a link by text: made of its token, which is nowhere
    position         INTEGER NOT NULL -- the later verification of a contact has the higher one
);

CREATE INDEX verifications_by_number ON verifications (to_id, created_at);
CREATE INDEX verifications_by_contact ON verifications (interaction, to_id, position);
CREATE INDEX verifications_stopped ON verifications (interaction, position) WHERE state = 'stopped';

CREATE TABLE events (
    position         INTEGER PRIMARY KEY, -- 1, 2, 3 ... without a gap
    at               INTEGER NOT NULL,
    verification     TEXT NOT NULL,   -- verifications.id, or empty
    interaction      TEXT NOT NULL,
    task_sid         TEXT NOT NULL,
    action           TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    agent_id         TEXT NOT NULL,
    channel          TEXT NOT NULL,
    to_id            TEXT NOT NULL,
    to_mask          TEXT NOT NULL,
    request_id       TEXT NOT NULL,
    twilio_code      INTEGER NOT NULL,
    sends            INTEGER NOT NULL, -- what the event adds to the codes sent
    failures         INTEGER NOT NULL, -- and to the codes that did not match
    note             TEXT NOT NULL DEFAULT '',  -- a person's reason
    link             TEXT NOT NULL     -- ties the event to all before it; see chain.h
);

-- PINs that a customer portal shows; the PIN itself is nowhere.
CREATE TABLE pins (
    id               TEXT PRIMARY KEY,
    customer_id      TEXT NOT NULL,   -- as in verifications
    verifier         TEXT NOT NULL,   -- made of the PIN with a key that is not in here; empty: of no use any more
    tries            INTEGER NOT NULL, -- that did not match
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    used_at          INTEGER NOT NULL, -- 0: not yet
    used_by          TEXT NOT NULL    -- verifications.id
);

CREATE INDEX pins_by_customer ON pins (customer_id, created_at);
CREATE INDEX pins_by_time ON pins (created_at);

-- Requests of the portal that were answered, so that none is answered twice.
CREATE TABLE portal_requests (
    nonce            TEXT PRIMARY KEY,
    at               INTEGER NOT NULL
);

CREATE INDEX portal_requests_by_time ON portal_requests (at);

-- The last event's place and link, and a code over them that needs the key.
CREATE TABLE seal (
    "only"   INTEGER PRIMARY KEY CHECK ("only" = 1),
    position INTEGER NOT NULL,
    link     TEXT NOT NULL,
    seal     TEXT NOT NULL
);

-- The counts behind the limits are sums over the last hour or day of these.
-- An index has only the events that it is asked for: each that an event stands
-- in is one more page to be written.
CREATE INDEX events_by_number ON events (to_id, at, sends, failures)
    WHERE sends <> 0 OR failures <> 0 OR outcome = 'begun';
CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures) WHERE sends <> 0 OR failures <> 0;
CREATE INDEX events_that_open ON events (to_id, outcome, at) WHERE outcome = 'approved' OR outcome = 'unlocked';
CREATE INDEX events_by_interaction ON events (interaction, at, sends, failures);
CREATE INDEX events_by_time ON events (at, sends, failures);

-- The last event that was purged, and a code over it that needs the key: the record begins behind it.
CREATE TABLE origin (
    "only"   INTEGER PRIMARY KEY CHECK ("only" = 1),
    position INTEGER NOT NULL,
    link     TEXT NOT NULL,
    seal     TEXT NOT NULL
);
