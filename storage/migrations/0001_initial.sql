-- Times are milliseconds since 1970 (UTC). BYTEA columns hold sealed content; see vault.py for how.

-- Deliveries seen: a keyed fingerprint of the provider's id, kept longer than the provider keeps the message.
CREATE TABLE inbox (
    delivery TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL
);

-- One person's thread with one program of one city. The alias differs per city and program.
CREATE TABLE conversations (
    alias TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    program TEXT NOT NULL,
    channel TEXT NOT NULL,
    line TEXT NOT NULL,
    address BYTEA NOT NULL,
    state BYTEA NOT NULL,
    stopped BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- `excluded` and `linked` are ids apart by spaces; `data_key` is the case's own key, wrapped: without it, nothing can be read.
CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    handler TEXT NOT NULL,
    program TEXT NOT NULL,
    word TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    reporter TEXT NOT NULL REFERENCES conversations (alias),
    stage TEXT NOT NULL,
    language TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    urgent BIGINT NOT NULL DEFAULT 0,
    assignee TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    unread BIGINT NOT NULL DEFAULT 0,
    pictures BIGINT NOT NULL DEFAULT 0,
    excluded TEXT NOT NULL DEFAULT '',
    linked TEXT NOT NULL DEFAULT '',
    data_key BYTEA NOT NULL
);
CREATE INDEX cases_reporter ON cases (reporter, id);
CREATE INDEX cases_handler ON cases (handler, id);

CREATE TABLE clocks (
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    started BIGINT NOT NULL,
    due BIGINT NOT NULL,
    met BIGINT,
    PRIMARY KEY (case_id, kind)
);

CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    question TEXT NOT NULL,
    message TEXT NOT NULL,
    pictures BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX entries_case ON entries (case_id, id);

-- Evidence: the original as the provider gave it, and a copy made anew from its pixels for staff to look at.
CREATE TABLE media (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    entry_id TEXT NOT NULL REFERENCES entries (id),
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    source BYTEA NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    original BYTEA,
    shown BYTEA
);
CREATE INDEX media_due ON media (due_at) WHERE state = 'waiting';
CREATE INDEX media_case ON media (case_id);

CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    channel TEXT NOT NULL,
    team TEXT NOT NULL,
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    name BYTEA NOT NULL,
    office TEXT NOT NULL,
    UNIQUE (jurisdiction, channel, team, person)
);

-- What is due, and when. `body` holds ids and counts only.
CREATE TABLE followups (
    id TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    program TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX followups_due ON followups (due_at);
CREATE INDEX followups_subject ON followups (subject, name);

-- Messages owed. A lane is what keeps its order: a person, or a card at a place.
-- queued → sending → sent → delivered; or uncertain, failed, recalled, cancelled or superseded.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    jurisdiction TEXT NOT NULL,
    channel TEXT NOT NULL,
    alias TEXT NOT NULL,
    case_id TEXT NOT NULL,
    message TEXT NOT NULL,
    reference TEXT NOT NULL,
    code TEXT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('queued', 'uncertain');
CREATE INDEX outbox_leases ON outbox (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_open ON outbox (lane, id) WHERE state IN ('queued', 'sending', 'uncertain');
CREATE UNIQUE INDEX outbox_card ON outbox (lane) WHERE kind = 'card' AND state = 'queued';
CREATE INDEX outbox_message ON outbox (message) WHERE message <> '';

-- Cards that stand somewhere, by lane, so that the next one replaces them.
CREATE TABLE posts (
    lane TEXT PRIMARY KEY,
    reference TEXT NOT NULL
);

-- Return codes that were tried, so that they cannot be found by trying.
CREATE TABLE guesses (
    alias TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX guesses_at ON guesses (at);

-- One-time keys to the reading room.
CREATE TABLE passes (
    token TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    staff TEXT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE audit (
    jurisdiction TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, sequence)
);
CREATE TABLE audit_heads (
    jurisdiction TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    digest TEXT NOT NULL
);

-- Until when the provider's list was read for missed messages, by line.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
