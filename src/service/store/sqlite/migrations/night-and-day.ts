/** Light of recorded footage; scores, maps, events and keepers of a model for the day and one for the night. */
export const nightAndDayMigration = `
  ALTER TABLE footage ADD COLUMN light TEXT;
  ALTER TABLE scores ADD COLUMN light TEXT;
  ALTER TABLE place_maps ADD COLUMN light TEXT;
  ALTER TABLE events ADD COLUMN light TEXT;
  CREATE TABLE night_keepers (
    camera TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
    keeper TEXT NOT NULL
  ) STRICT;
`;
