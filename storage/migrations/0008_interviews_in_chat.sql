-- Where somebody takes their exit interview besides their phone. At the lock it goes as their number does.
CREATE TABLE respondent_accounts (
    alias TEXT PRIMARY KEY REFERENCES conversations (alias),
    account TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    sender BYTEA NOT NULL
);

-- Codes by which somebody goes on in a chat, once: a keyed fingerprint.
CREATE TABLE interview_codes (
    code TEXT PRIMARY KEY,
    alias TEXT NOT NULL REFERENCES conversations (alias),
    until BIGINT NOT NULL
);
CREATE INDEX interview_codes_alias ON interview_codes (alias);
