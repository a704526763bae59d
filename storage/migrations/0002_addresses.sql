-- Where places can be reached on channels that tell it only once: by a keyed fingerprint of the address.
CREATE TABLE addresses (
    id TEXT PRIMARY KEY,
    reference BYTEA NOT NULL
);
