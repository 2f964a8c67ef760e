// node-pg-migrate: table and index by migrations, up and down.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import pgvector from 'pgvector/utils';

const table = `
exports.up = (pgm) => pgm.createTable('items', {
    id: { type: 'integer', primaryKey: true },
    category: 'integer',
    embedding: '${column.dense}(${dims})',
});
`;
const index = `
exports.up = (pgm) => pgm.createIndex(
    'items', { name: 'embedding', opclass: '${operatorClass('l2')}' }, { name: 'items_embedding', method: '${column.method}' });
`;

const run = testClient('node-pg-migrate', async (database) => {
    const client = new pg.Client(database.options);
    await client.connect();
    const dir = await mkdtemp(join(tmpdir(), 'migrations-'));
    const migrate = (direction) =>
        runner({ dbClient: client, dir, direction, count: 1, migrationsTable: 'migrations', log: () => {} });
    const add = async (name, source) => {
        await writeFile(join(dir, `${name}.cjs`), source);
        await migrate('up');
    };
    const idsOf = async (statement, parameters) => (await client.query(statement, parameters)).rows.map(({ id }) => id);

    return {
        migrate,
        createTable: () => add('1_table', table),
        insert: async (all) => {
            for (const { id, category, embedding } of all) {
                await client.query('INSERT INTO items VALUES ($1, $2, $3)', [id, category, pgvector.toSql(embedding)]);
            }
        },
        createIndex: () => add('2_index', index),
        nearest: (vector, k) => idsOf('SELECT id FROM items ORDER BY embedding <-> $1 LIMIT $2', [pgvector.toSql(vector), k]),
        nearestIn: (category, vector, k) =>
            idsOf('SELECT id FROM items WHERE category = $1 ORDER BY embedding <-> $2 LIMIT $3', [category, pgvector.toSql(vector), k]),
        read: async (id) =>
            pgvector.fromSql((await client.query('SELECT embedding FROM items WHERE id = $1', [id])).rows[0].embedding),
        update: (id, vector) => client.query('UPDATE items SET embedding = $2 WHERE id = $1', [id, pgvector.toSql(vector)]),
        remove: (id) => client.query('DELETE FROM items WHERE id = $1', [id]),
        close: () => client.end(),
    };
});

test('node-pg-migrate undoes and repeats the migration of the index', async () => {
    const before = await run.database.vectorIndexes('items');
    await run.client.migrate('down');
    assert.deepEqual(await run.database.vectorIndexes('items'), []);
    await run.client.migrate('up');
    assert.deepEqual(await run.database.vectorIndexes('items'), before);
});

run.end();
