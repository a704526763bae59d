-- Reports: what is asked for, its files, and the releases of exit interviews that later ones must not betray.

-- Reports that are still to be made. `place` is sealed; `due_at` moves with each try, so that it also is the lease.
CREATE TABLE report_orders (
    id TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    period TEXT NOT NULL,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    place BYTEA NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0
);

-- Their files, kept for a month; `link` is the keyed hash of the address by which a chat fetches a picture.
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    report TEXT NOT NULL,
    name TEXT NOT NULL,
    link TEXT NOT NULL UNIQUE,
    until BIGINT NOT NULL,
    alt BYTEA NOT NULL,
    body BYTEA NOT NULL
);

-- The right to take one file once, by the keyed hash of a token.
CREATE TABLE file_passes (
    token TEXT PRIMARY KEY,
    file TEXT NOT NULL REFERENCES files (id),
    staff TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- What of a city's interviews is out, for ever: a quarter once. `digest` is the hash of the released figures.
CREATE TABLE releases (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    quarter TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BYTEA NOT NULL
);
CREATE UNIQUE INDEX releases_once ON releases (jurisdiction, quarter);

-- Answers are counted by what was locked together: those that come to a quarter later are a batch of their own.
ALTER TABLE responses ADD COLUMN batch TEXT NOT NULL DEFAULT '';

-- The batches that some release tells of; their answers cannot be taken away any more.
CREATE TABLE released_batches (
    jurisdiction TEXT NOT NULL,
    batch TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, batch)
);

-- Words of people who left, apart from their other answers, until a coordinator lets them go out or not.
CREATE TABLE comments (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    quarter TEXT NOT NULL,
    item TEXT NOT NULL,
    state TEXT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX comments_waiting ON comments (jurisdiction, state);
