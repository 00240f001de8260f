/** The last learning of each camera, whose footage can be learned again. */
export const learnedMigration = `
  ALTER TABLE cameras ADD COLUMN learned TEXT;
`;
