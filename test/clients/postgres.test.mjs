// postgres, also called postgres.js: tagged templates, types of its own, cursors.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims, query } from './lib/data.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import utils from 'pgvector/utils';
import postgres from 'postgres';

const { toSql, vectorFromSql } = utils;

const run = testClient('postgres', async (database) => {
    const [{ oid }] = await database.ask('SELECT oid FROM pg_type WHERE typname = $1', [column.dense]);
    const vector = { to: oid, from: [oid], serialize: toSql, parse: vectorFromSql };
    const sql = postgres({ ...database.options, types: { vector }, onnotice: () => {} });

    return {
        sql,
        createTable: () =>
            sql.unsafe(`CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding ${column.dense}(${dims}))`),
        insert: (all) => sql`INSERT INTO items ${sql(all.map((row) => ({ ...row, embedding: sql.types.vector(row.embedding) })))}`,
        createIndex: () => sql.unsafe(`CREATE INDEX ON items USING ${column.method} (embedding ${operatorClass('l2')})`),
        nearest: async (vector, k) =>
            (await sql`SELECT id FROM items ORDER BY embedding <-> ${sql.types.vector(vector)} LIMIT ${k}`).map(({ id }) => id),
        nearestIn: async (category, vector, k) => {
            const nearest = sql`ORDER BY embedding <-> ${sql.types.vector(vector)} LIMIT ${k}`;
            return (await sql`SELECT id FROM items WHERE category = ${category} ${nearest}`).map(({ id }) => id);
        },
        read: async (id) => (await sql`SELECT embedding FROM items WHERE id = ${id}`)[0].embedding,
        update: (id, vector) => sql`UPDATE items SET embedding = ${sql.types.vector(vector)} WHERE id = ${id}`,
        remove: (id) => sql`DELETE FROM items WHERE id = ${id}`,
        close: () => sql.end(),
    };
});

test('postgres reads the nearest rows through a cursor', async () => {
    const { sql } = run.client;
    const found = await run.searchByIndex(async () => {
        const ids = [];
        for await (const some of sql`SELECT id FROM items ORDER BY embedding <-> ${sql.types.vector(query)} LIMIT 20`.cursor(6)) {
            ids.push(...some.map(({ id }) => id));
        }
        return ids;
    });
    assert.deepEqual(found, await run.client.nearest(query, 20));
});

run.end();
