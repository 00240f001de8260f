/** SQLSTATE of a write whose lease is another's by now. */
export const LEASE_LOST = 'M2S2L';

/** Tables of which a row is a camera's, and the column that names it. */
const ofCameras: readonly (readonly [table: string, column: string])[] = [
  ['cameras', 'id'],
  ['events', 'camera'],
  ['scores', 'camera'],
  ['footage', 'camera'],
  ['odd_minutes', 'camera'],
  ['keepers', 'camera'],
  ['night_keepers', 'camera'],
  ['place_maps', 'camera'],
];

/**
 * Who does what, by the database's clock: workers, the leases of cameras, and one lease of
 * `/announcing`, which is no camera's id. A worker names its leases in `m2s2l.leases`, as JSON of
 * epochs by camera; a write of any other camera, or of an old epoch, is refused. A connection that
 * names none is a server's.
 */
export const leasesMigration: readonly string[] = [
  `CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    version TEXT NOT NULL,
    most BIGINT,
    capacity DOUBLE PRECISION NOT NULL,
    load DOUBLE PRECISION NOT NULL DEFAULT 0,
    lag DOUBLE PRECISION,
    draining BOOLEAN NOT NULL DEFAULT false,
    clock_off DOUBLE PRECISION NOT NULL DEFAULT 0,
    started TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    until TIMESTAMPTZ NOT NULL
  )`,
  `CREATE TABLE leases (
    subject TEXT PRIMARY KEY,
    worker TEXT,
    epoch BIGINT NOT NULL DEFAULT 0,
    until TIMESTAMPTZ NOT NULL DEFAULT '-infinity'
  )`,
  'CREATE INDEX leases_by_worker ON leases (worker)',
  'CREATE INDEX leases_by_end ON leases (until)',
  "INSERT INTO leases (subject) VALUES ('/announcing')",
  'INSERT INTO leases (subject) SELECT id FROM cameras',
  `CREATE FUNCTION require_lease() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     held JSON := nullif(current_setting('m2s2l.leases', true), '');
     row_now JSONB := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
     named TEXT := row_now ->> TG_ARGV[0];
   BEGIN
     IF held IS NOT NULL THEN
       PERFORM FROM leases
         WHERE subject = named AND epoch = (held ->> named)::BIGINT FOR SHARE;
       IF NOT FOUND THEN
         RAISE EXCEPTION 'another worker has the camera %', named USING ERRCODE = '${LEASE_LOST}';
       END IF;
     END IF;
     RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
   END $$`,
  ...ofCameras.map(
    ([table, column]) => `CREATE TRIGGER a_require_lease
       BEFORE INSERT OR UPDATE OR DELETE ON ${table}
       FOR EACH ROW EXECUTE FUNCTION require_lease('${column}')`,
  ),
  // What a server leaves for the worker that has the camera.
  `CREATE TABLE orders (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL
  )`,
  'CREATE INDEX orders_by_camera ON orders (camera, number)',
  // In the transaction of the server's own write: a verdict is never without its order.
  `CREATE FUNCTION order_worker() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF nullif(current_setting('m2s2l.leases', true), '') IS NULL
       AND EXISTS (SELECT FROM cameras WHERE id = OLD.camera) THEN
       INSERT INTO orders (camera, kind, subject) VALUES (OLD.camera, TG_ARGV[0], OLD.id);
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER order_judged AFTER UPDATE OF verdict ON events
     FOR EACH ROW EXECUTE FUNCTION order_worker('judged')`,
  `CREATE TRIGGER order_odd_judged AFTER UPDATE OF verdict ON odd_minutes
     FOR EACH ROW EXECUTE FUNCTION order_worker('odd minute judged')`,
  `CREATE TRIGGER order_dismissed AFTER DELETE ON events
     FOR EACH ROW WHEN (OLD.ended IS NULL) EXECUTE FUNCTION order_worker('dismissed')`,
  `CREATE FUNCTION keep_leases() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'INSERT' THEN
       INSERT INTO leases (subject) VALUES (NEW.id) ON CONFLICT DO NOTHING;
     ELSE
       DELETE FROM leases WHERE subject = OLD.id;
     END IF;
     RETURN NULL;
   END $$`,
  // The last of the triggers: rows that go with the camera need its lease before.
  `CREATE TRIGGER z_keep_leases AFTER INSERT OR DELETE ON cameras
     FOR EACH ROW EXECUTE FUNCTION keep_leases()`,
  // Only to wake: who listens looks by itself, too.
  `CREATE FUNCTION tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     PERFORM pg_notify('m2s2l', TG_ARGV[0]);
     RETURN NULL;
   END $$`,
  ...[
    ['settings', 'settings'],
    ['snoozes', 'settings'],
    ['chosen_profile', 'settings'],
    ['outbox', 'outbox'],
    ['orders', 'orders'],
    ['cameras', 'cameras'],
  ].map(
    ([table, subject]) => `CREATE TRIGGER tell_of_change
       AFTER INSERT OR DELETE ${subject === 'settings' ? 'OR UPDATE ' : ''}ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('${subject}')`,
  ),
];
