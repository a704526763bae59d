-- What staff list most often; the closed ones grow without end.
CREATE INDEX cases_open ON cases (handler, id) WHERE stage <> 'concluded';
