/** What the page changes of a file's camera, people with passwords, limits to cameras, sessions that outlast a restart, and who did what. */
export const peopleMigration = `
  ALTER TABLE tokens ADD COLUMN cameras TEXT;
  ALTER TABLE cameras ADD COLUMN overlay TEXT;

  CREATE TABLE people (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL,
    cameras TEXT,
    password TEXT,
    created REAL NOT NULL,
    last_used REAL
  ) STRICT;

  CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    token TEXT REFERENCES tokens (hash) ON DELETE CASCADE,
    person TEXT REFERENCES people (id) ON DELETE CASCADE,
    created REAL NOT NULL,
    ends REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_token ON sessions (token);
  CREATE INDEX sessions_by_person ON sessions (person);

  CREATE TABLE deeds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    deed TEXT NOT NULL,
    camera TEXT,
    event TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX deeds_by_event ON deeds (event, number) WHERE event IS NOT NULL;
`;
