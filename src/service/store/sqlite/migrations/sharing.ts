/** Marks and notes of events, links that let in without a token, browsers that take push messages, and keys of the service. */
export const sharingMigration = `
  ALTER TABLE events ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE events ADD COLUMN note TEXT;
  UPDATE events SET kept = 1 WHERE verdict = 'real';
  CREATE INDEX events_to_judge ON events (camera, kind, started) WHERE verdict = 'open';
  CREATE INDEX events_kept_with_clip ON events (kept, started) WHERE clip = 1;
  CREATE INDEX events_kept_with_thumbnail ON events (kept, started) WHERE thumbnail = 1;

  CREATE TABLE links (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    event TEXT REFERENCES events (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_by_event ON links (event);
  CREATE INDEX links_by_expiry ON links (expires);

  CREATE TABLE push_subscriptions (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    endpoint TEXT NOT NULL UNIQUE,
    keys TEXT NOT NULL,
    device TEXT NOT NULL,
    owner TEXT NOT NULL,
    created REAL NOT NULL
  ) STRICT;

  CREATE TABLE service_keys (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
