-- Training. Courses and sessions are no secret; what tells of a person is sealed, and their places are keyed indexes.

CREATE TABLE courses (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);

-- `taken` guards the seats, whoever else is at it; `arrived` counts those who came, by which the order is kept.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    word TEXT NOT NULL UNIQUE,
    course TEXT NOT NULL REFERENCES courses (id),
    ends BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    taken BIGINT NOT NULL DEFAULT 0,
    arrived BIGINT NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    CHECK (taken BETWEEN 0 AND seats)
);
CREATE INDEX sessions_ends ON sessions (ends);

-- Seats taken and people waiting, by city; kept with each enrolment, so that nobody has to count a long list.
CREATE TABLE seat_counts (
    session TEXT NOT NULL REFERENCES sessions (id),
    jurisdiction TEXT NOT NULL,
    taken BIGINT NOT NULL DEFAULT 0,
    waiting BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (session, jurisdiction)
);

CREATE TABLE learners (
    id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX learners_city ON learners (jurisdiction, id);

-- Where somebody is reached: the alias of their phone is that of their conversation.
CREATE TABLE learner_places (
    alias TEXT PRIMARY KEY,
    learner TEXT NOT NULL REFERENCES learners (id),
    channel TEXT NOT NULL
);
CREATE INDEX learner_places_learner ON learner_places (learner);

CREATE TABLE enrolments (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    learner TEXT NOT NULL REFERENCES learners (id),
    jurisdiction TEXT NOT NULL,
    state TEXT NOT NULL,
    number BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX enrolments_learner ON enrolments (learner, id);
CREATE INDEX enrolments_session ON enrolments (session, number);
CREATE INDEX enrolments_waiting ON enrolments (session, jurisdiction, number) WHERE state = 'waitlisted';

-- Days as YYYY-MM-DD. The learner is an id; once they are deleted it leads to nobody.
CREATE TABLE certificates (
    code TEXT PRIMARY KEY,
    learner TEXT NOT NULL,
    course TEXT NOT NULL,
    session TEXT NOT NULL,
    earned TEXT NOT NULL,
    expires TEXT NOT NULL,
    UNIQUE (learner, session)
);

-- What a text to a person is about, so that one that has become idle can be dropped; what a guessed code would open.
ALTER TABLE outbox ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE guesses ADD COLUMN topic TEXT NOT NULL DEFAULT 'code';
CREATE INDEX outbox_subject ON outbox (subject) WHERE subject <> '' AND state = 'queued';
