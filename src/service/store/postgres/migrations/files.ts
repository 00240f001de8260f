/**
 * Files of an archive: which object has the content of a path of the data folder. A row goes with the
 * camera, the event or the footage that the file is of. What is of neither an event nor footage has one
 * path for all workers, so that only the holder of the camera's lease may write it; the rows of others
 * were made under a lease already, and their files may be put later.
 */
export const filesMigration: readonly string[] = [
  `CREATE TABLE files (
    path TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    event TEXT REFERENCES events (id) ON DELETE CASCADE,
    footage TEXT REFERENCES footage (path) ON DELETE CASCADE,
    written TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
  )`,
  'CREATE INDEX files_by_hash ON files (hash)',
  'CREATE INDEX files_by_camera ON files (camera)',
  'CREATE INDEX files_by_event ON files (event)',
  'CREATE INDEX files_by_footage ON files (footage)',
  // Objects that were removed, or are being: a put that began before must be done again.
  `CREATE TABLE swept_objects (
    hash TEXT PRIMARY KEY,
    begun DOUBLE PRECISION NOT NULL,
    done DOUBLE PRECISION
  )`,
  `CREATE TRIGGER a_require_lease BEFORE INSERT OR UPDATE ON files
     FOR EACH ROW WHEN (NEW.event IS NULL AND NEW.footage IS NULL)
     EXECUTE FUNCTION require_lease('camera')`,
  `CREATE TRIGGER a_require_lease_to_remove BEFORE DELETE ON files
     FOR EACH ROW WHEN (OLD.event IS NULL AND OLD.footage IS NULL)
     EXECUTE FUNCTION require_lease('camera')`,
  `CREATE FUNCTION forget_event_files() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     DELETE FROM files WHERE event = NEW.id AND (
       (NEW.clip = 0 AND path LIKE '%.mp4') OR (NEW.thumbnail = 0 AND path NOT LIKE '%.mp4'));
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER event_files_gone AFTER UPDATE ON events
     FOR EACH ROW WHEN (OLD.clip > NEW.clip OR OLD.thumbnail > NEW.thumbnail)
     EXECUTE FUNCTION forget_event_files()`,
  // Another model is in use: files of those before go.
  `CREATE FUNCTION forget_other_models() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     DELETE FROM files WHERE camera = NEW.id AND starts_with(path, './models/')
       AND NOT starts_with(path, NEW.model || '/');
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER other_models_gone AFTER UPDATE ON cameras
     FOR EACH ROW WHEN (OLD.model IS DISTINCT FROM NEW.model AND NEW.model IS NOT NULL)
     EXECUTE FUNCTION forget_other_models()`,
];
