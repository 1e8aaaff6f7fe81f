import Database from 'better-sqlite3';

const kept = globalThis;
kept.shopDatabase ??= open();

export const db = kept.shopDatabase;

function open() {
  const database = new Database(process.env.SHOP_DATABASE ?? 'shop.db');
  database.exec(`
    CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, person TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, what TEXT, person TEXT);
  `);
  return database;
}
