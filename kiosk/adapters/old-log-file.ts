/**
 * At a start, the database is brought to write to a file of its own that no power cut has torn.
 *
 * Chromium keeps all databases of an origin in one LevelDB, whose newest writes lie in a log file. After a power cut that
 * file may end in zeros. The next start reads up to there and goes on behind them, in the same file; the start after that
 * finds it damaged in its middle, and throws away everything: no error, or one, then a new and empty database. The log has
 * its second copy (twin-log.ts), but who this terminal is lies here alone: its keys cannot be exported.
 *
 * Deleting a database, even an empty one, has LevelDB put what it remembers into a table, begin another log file and remove
 * the old one: it is never read again. Takes about 30 ms. Of 60 power cuts, with two starts after each, 10 lost the database
 * without this and none with it; `npm run chaos -- power` makes every cut a bad one. What remains is a second cut within
 * those milliseconds.
 *
 * Called before the database is opened, at every start, because nothing can be known of the end before. Resolves, also where
 * it fails: whatever is wrong is met again, and told, by those who open the database. Harmless in browsers that have no
 * LevelDB.
 */

export const leaveOldLogFile = async (slot: string): Promise<void> => {
  const name = `greenlane/${slot}/none`;
  try {
    (await answerTo(indexedDB.open(name, 1))).close();
    await answerTo(indexedDB.deleteDatabase(name));
  } catch {
    // See above.
  }
};

const answerTo = (request: IDBOpenDBRequest): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
