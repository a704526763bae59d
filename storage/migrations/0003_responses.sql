-- Answers to a questionnaire. Nothing here points at a person, and no time is finer than the quarter ('2026Q4'); the id is
-- chance. `source` is 'interview', or 'import:' and the import; `weight` is how many people gave these answers.
CREATE TABLE responses (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    quarter TEXT NOT NULL,
    source TEXT NOT NULL,
    late BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX responses_quarter ON responses (jurisdiction, quarter);
CREATE INDEX responses_source ON responses (source);

-- Files that were taken in, by a keyed fingerprint of their content; `rows` is how many responses came of one.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    digest TEXT NOT NULL,
    rows BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE UNIQUE INDEX imports_digest ON imports (jurisdiction, digest) WHERE undone_at IS NULL;
