-- Files that staff sent for a form, sealed, while they look at its dry run. One per person, for an hour at most.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL,
    content BYTEA NOT NULL
);
CREATE INDEX uploads_owner ON uploads (owner);
CREATE INDEX uploads_until ON uploads (until);
