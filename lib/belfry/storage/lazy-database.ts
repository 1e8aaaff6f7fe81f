import type { SqlDatabase } from './database.ts';

/**
 * A database that is opened when it is first asked for anything: what is said of it is read by every build too, which
 * is to open none.
 */
export function lazyDatabase(open: () => SqlDatabase): SqlDatabase {
  let opened: SqlDatabase | undefined;
  const database = () => {
    opened ??= open();
    return opened;
  };
  return {
    get dialect() {
      return database().dialect;
    },
    query: (statement) => database().query(statement),
    execute: (statement) => database().execute(statement),
    transaction: (work) => database().transaction(work),
    appTransaction: (work) => database().appTransaction(work),
    within: (tx) => database().within(tx),
    isUnavailable: (error) => database().isUnavailable(error),
  };
}
