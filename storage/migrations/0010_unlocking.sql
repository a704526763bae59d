-- Staff (ids apart by spaces) whom somebody neutral let in again after a lock-out by mistake.
ALTER TABLE cases ADD COLUMN cleared TEXT NOT NULL DEFAULT '';
