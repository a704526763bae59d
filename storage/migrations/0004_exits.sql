-- Exit interviews. Before the lock, who and what stand side by side here; after it, nothing of persons is left.

-- Every version of a questionnaire that was ever asked, by the hash of its content.
CREATE TABLE questionnaires (
    digest TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- A city's interviews that end in one quarter. `withdrawn` counts those who had all deleted; `tally` is kept at the lock.
CREATE TABLE waves (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    quarter TEXT NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,
    withdrawn BIGINT NOT NULL DEFAULT 0,
    tally TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX waves_running ON waves (jurisdiction, quarter) WHERE state IN ('open', 'paused');

-- Where a person stands, with their answers. No time: what has none cannot be joined by one.
CREATE TABLE respondents (
    alias TEXT PRIMARY KEY REFERENCES conversations (alias),
    wave TEXT NOT NULL REFERENCES waves (id),
    stage TEXT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX respondents_wave ON respondents (wave);

-- The ledger of consent: lines are added only. At the lock of a wave its lines go, but for those who withdrew, without a time.
CREATE TABLE consents (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    topic TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX consents_person ON consents (person, id);

-- Wishes for no more texts that wait for their number; days as YYYY-MM-DD.
CREATE TABLE revocations (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    received TEXT NOT NULL,
    due TEXT NOT NULL,
    how TEXT NOT NULL,
    done BIGINT NOT NULL DEFAULT 0
);

-- When the provider's last word on a message came, and until when one may leave at any hour (0: in the hours for texts).
ALTER TABLE outbox ADD COLUMN settled_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN any_hour_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_alias ON outbox (alias) WHERE alias <> '';
