/** A configuration file that shows what it can hold; its cameras and hosts are invented. */
export const exampleConfiguration = {
  $schema: './m2s2l.schema.json',
  server: {
    host: '0.0.0.0',
    port: 8480,
    trustProxy: true,
    publicUrl: 'https://cameras.example.org/',
  },
  storage: { maxBytes: 50_000_000_000, nearMissDays: 14 },
  notifications: {
    coolDown: 120,
    clipReady: true,
    channels: [
      { kind: 'push', name: 'browsers', contact: 'me@example.org' },
      {
        kind: 'email',
        name: 'mail',
        host: 'smtp.example.org',
        port: 587,
        security: 'starttls',
        username: 'me',
        password: { fromFile: '/run/secrets/smtp' },
        from: 'm2s2l@example.org',
        to: ['me@example.org'],
      },
    ],
  },
  webhooks: [
    {
      url: 'https://automation.example.org/alarms',
      secret: { fromFile: '/run/secrets/webhook' },
      kinds: ['alarm', 'camera'],
    },
  ],
  mqtt: {
    url: 'mqtt://192.168.1.5',
    username: 'm2s2l',
    password: { fromFile: '/run/secrets/mqtt' },
  },
  cameras: [
    {
      id: 'gate',
      name: 'Gate',
      source: { kind: 'rtsp', url: { fromFile: '/run/secrets/gate-address' } },
      fps: 10,
      learning: { collectMinutes: 1440, trainMinutes: 60, preset: 'small' },
      budget: { alarmsPerDay: 4 },
      clip: { before: 5, after: 10 },
    },
  ],
};
