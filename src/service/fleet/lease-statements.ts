/** The one lease that is no camera's: who has it sends what is to be sent. */
export const ANNOUNCING = '/announcing';

/** When what is renewed now ends: `$1` is for how many seconds it holds. */
const until = "clock_timestamp() + $1 * interval '1 second'";

/** Leases and members, always by the database's clock. */
export const statements = {
  /** Says that a member lives; it is told whether it should give up its cameras, and what time it is. */
  live: `INSERT INTO workers
      (id, name, kind, address, version, most, capacity, load, lag, clock_off, until)
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${until})
    ON CONFLICT (id) DO UPDATE SET capacity = excluded.capacity, load = excluded.load,
      lag = excluded.lag, clock_off = excluded.clock_off, until = excluded.until
    RETURNING draining, 1000 * extract(epoch FROM clock_timestamp())::DOUBLE PRECISION AS now`,
  /** What is not given back by it is another's by now. */
  renew: `UPDATE leases SET until = ${until}
    FROM unnest($3::TEXT[], $4::BIGINT[]) AS held (subject, epoch)
    WHERE leases.subject = held.subject AND leases.epoch = held.epoch AND leases.worker = $2
    RETURNING leases.subject`,
  claim: `WITH free AS (
      SELECT subject FROM leases
      WHERE until < clock_timestamp() AND (subject = '${ANNOUNCING}') = $3
        AND NOT (subject = ANY ($5::TEXT[]))
      ORDER BY until LIMIT $4 FOR UPDATE SKIP LOCKED)
    UPDATE leases SET worker = $2, epoch = epoch + 1, until = ${until}
    FROM free WHERE leases.subject = free.subject
    RETURNING leases.subject, leases.epoch`,
  giveBack: `UPDATE leases SET worker = NULL, until = '-infinity'
    FROM unnest($2::TEXT[], $3::BIGINT[]) AS held (subject, epoch)
    WHERE leases.subject = held.subject AND leases.epoch = held.epoch AND leases.worker = $1`,
  cameras: `SELECT count(*)::INTEGER AS count FROM leases WHERE subject <> '${ANNOUNCING}'`,
  takers: `SELECT id, capacity, most::INTEGER AS most FROM workers
    WHERE kind = 'worker' AND NOT draining AND until > clock_timestamp()`,
  /** Those that live, and what each has. */
  members: `SELECT workers.id, name, kind, address, version, most::INTEGER AS most, capacity, load, lag,
      draining, clock_off AS "clockOff",
      1000 * extract(epoch FROM started)::DOUBLE PRECISION AS started,
      coalesce(array_agg(leases.subject ORDER BY leases.subject)
        FILTER (WHERE leases.subject IS NOT NULL AND leases.until > clock_timestamp()), '{}') AS held
    FROM workers LEFT JOIN leases ON leases.worker = workers.id
    WHERE workers.until > clock_timestamp() GROUP BY workers.id ORDER BY kind, name, workers.id`,
  drain: 'UPDATE workers SET draining = $2 WHERE id = $1',
  leave: "DELETE FROM workers WHERE id = $1 OR until < clock_timestamp() - interval '1 day'",
  wake: "SELECT pg_notify('m2s2l', $1)",
};
