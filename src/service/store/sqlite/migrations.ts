import { learnedMigration } from './migrations/learned.ts';
import { nightAndDayMigration } from './migrations/night-and-day.ts';
import { peopleMigration } from './migrations/people.ts';
import { sharingMigration } from './migrations/sharing.ts';

/**
 * What brings a database to each version, the first from an empty file; `user_version` says the last
 * that was done. A number may be missing. One that has been released is never changed.
 *
 * Times are milliseconds since 1970, and REAL because they may have a fraction.
 */
export const migrations: Readonly<Record<number, string>> = {
  1: `
  CREATE TABLE cameras (
    id TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    life TEXT NOT NULL,
    resumed TEXT NOT NULL,
    model TEXT,
    threshold TEXT,
    learning TEXT,
    created REAL NOT NULL
  ) STRICT;

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    peak TEXT NOT NULL,
    threshold REAL NOT NULL,
    cause TEXT NOT NULL,
    time_scale REAL,
    regions TEXT NOT NULL,
    size TEXT NOT NULL,
    verdict TEXT NOT NULL DEFAULT 'open',
    thumbnail INTEGER NOT NULL DEFAULT 0,
    clip INTEGER NOT NULL DEFAULT 0,
    clip_missing TEXT
  ) STRICT;
  CREATE INDEX events_by_start ON events (started, id);
  CREATE INDEX events_by_camera ON events (camera, started, id);
  CREATE INDEX events_by_kind ON events (kind, started, id);
  CREATE INDEX events_by_verdict ON events (verdict, started, id);
  CREATE INDEX events_by_cause ON events (cause, started, id);
  CREATE INDEX events_open ON events (started) WHERE ended IS NULL;
  CREATE INDEX events_with_clip ON events (started) WHERE clip = 1;
  CREATE INDEX events_with_thumbnail ON events (started) WHERE thumbnail = 1;

  CREATE TABLE scores (
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    PRIMARY KEY (camera, minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE footage (
    path TEXT PRIMARY KEY,
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    started REAL NOT NULL,
    ended REAL NOT NULL,
    frames INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX footage_by_camera ON footage (camera, started);

  CREATE TABLE odd_minutes (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    time REAL NOT NULL,
    score REAL NOT NULL,
    verdict TEXT NOT NULL
  ) STRICT;
  CREATE INDEX odd_minutes_by_camera ON odd_minutes (camera, time);

  CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    created REAL NOT NULL,
    failed REAL,
    error TEXT
  ) STRICT;

  CREATE TABLE settings (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL
  ) STRICT;

  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    last_used REAL
  ) STRICT;
  `,
  2: `
  CREATE INDEX outbox_by_address ON outbox (url, number);
  CREATE INDEX outbox_failed ON outbox (failed) WHERE failed IS NOT NULL;
  `,
  // Files whose rows were removed on purpose: a start may delete these, and only these.
  3: `
  CREATE TABLE removals (
    path TEXT PRIMARY KEY,
    time REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE told_states (
    camera TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER event_removed AFTER DELETE ON events BEGIN
    INSERT OR REPLACE INTO removals
      VALUES ('./events/' || OLD.id, 1000 * unixepoch('subsec'));
  END;
  CREATE TRIGGER footage_removed AFTER DELETE ON footage BEGIN
    INSERT OR REPLACE INTO removals VALUES (OLD.path, 1000 * unixepoch('subsec'));
  END;
  `,
  // Cameras that called at once go on doing so.
  4: `
  CREATE TABLE keepers (
    camera TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
    keeper TEXT NOT NULL
  ) STRICT;
  ALTER TABLE events ADD COLUMN effect TEXT;
  ALTER TABLE events ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE events ADD COLUMN alike TEXT;
  ALTER TABLE events ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE events ADD COLUMN retracted TEXT;
  ALTER TABLE events ADD COLUMN signatures TEXT NOT NULL DEFAULT '[]';
  UPDATE cameras SET settings = json_set(settings, '$.budget.call', 'always')
    WHERE json_type(settings, '$.budget') = 'object';
  `,
  // Regions, snoozes and profiles.
  5: `
  ALTER TABLE events ADD COLUMN zone TEXT;
  ALTER TABLE events ADD COLUMN quiet TEXT;
  UPDATE events SET quiet = 'trial' WHERE shadow = 1;
  CREATE TABLE place_maps (
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    peak REAL NOT NULL,
    combination TEXT NOT NULL,
    places BLOB NOT NULL,
    PRIMARY KEY (camera, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snoozes (
    camera TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
    until REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chosen_profile (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT
  ) STRICT;
  `,
  6: sharingMigration,
  8: peopleMigration,
  10: learnedMigration,
  12: nightAndDayMigration,
};

/** The version that all of them lead to. */
export const newestVersion = Math.max(...Object.keys(migrations).map(Number));
