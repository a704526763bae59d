-- Since when (the last text before) the phone of a case is silent for so long that texts of it wait for the code; 0: they do not.
-- Such a text is `withheld` in the outbox, from `settled_at` on.
ALTER TABLE cases ADD COLUMN silent_since BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_withheld ON outbox (case_id) WHERE state = 'withheld';
