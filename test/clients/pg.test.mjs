// pg, the client that most others are built on: text and binary parameters and results.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims, query, rows } from './lib/data.mjs';
import { registerTypes } from './lib/types.mjs';
import { fromWire, toWire } from './lib/wire.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import utils from 'pgvector/utils';

const { SparseVector, toSql } = utils;

const run = testClient('pg', async (database) => {
    const client = new pg.Client(database.options);
    await client.connect();
    await registerTypes(client);
    const idsOf = async (statement, parameters) => (await client.query(statement, parameters)).rows.map(({ id }) => id);

    return {
        connection: client,
        createTable: () =>
            client.query(`CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding ${column.dense}(${dims}))`),
        // Half of the rows go as text, the others in binary form.
        insert: async (all) => {
            for (const { id, category, embedding } of all) {
                const value = id % 2 === 0 ? toSql(embedding) : toWire(embedding);
                await client.query('INSERT INTO items VALUES ($1, $2, $3)', [id, category, value]);
            }
        },
        createIndex: () => client.query(`CREATE INDEX ON items USING ${column.method} (embedding ${operatorClass('l2')})`),
        nearest: (vector, k) => idsOf('SELECT id FROM items ORDER BY embedding <-> $1 LIMIT $2', [toSql(vector), k]),
        nearestIn: (category, vector, k) =>
            idsOf('SELECT id FROM items WHERE category = $1 ORDER BY embedding <-> $2 LIMIT $3', [category, toSql(vector), k]),
        read: async (id) => (await client.query('SELECT embedding FROM items WHERE id = $1', [id])).rows[0].embedding,
        update: (id, vector) => client.query('UPDATE items SET embedding = $2 WHERE id = $1', [id, toSql(vector)]),
        remove: (id) => client.query('DELETE FROM items WHERE id = $1', [id]),
        close: () => client.end(),
    };
});

test('pg searches with a named statement and a binary parameter', async () => {
    const search = { name: 'nearest', text: 'SELECT id FROM items ORDER BY embedding <-> $1 LIMIT 5', values: [toWire(query)] };
    // From the sixth time on the server may choose a plan that serves every parameter.
    for (let i = 0; i < 8; i++) {
        const found = await run.searchByIndex(async () => (await run.client.connection.query(search)).rows.map(({ id }) => id));
        assert.deepEqual(found, await run.client.nearest(query, 5));
    }
});

test('pg reads a vector in binary form', async () => {
    const { connection } = run.client;
    const [{ oid }] = (await connection.query('SELECT oid FROM pg_type WHERE typname = $1', [column.dense])).rows;
    connection.setTypeParser(oid, 'binary', fromWire);
    const answer = await connection.query({ text: 'SELECT embedding FROM items WHERE id = 20', binary: true });
    assert.deepEqual(answer.rows[0].embedding, rows[19].embedding);
});

test('pg writes and reads half-precision and sparse vectors', async () => {
    const { connection } = run.client;
    await connection.query(`CREATE TABLE others (half ${column.half}(3), sparse ${column.sparse}(5), bits bit(4))`);
    const sparse = new SparseVector(new Map([[1, 1.5], [3, -2]]), 5);
    await connection.query('INSERT INTO others VALUES ($1, $2, $3)', [toSql([1, 0.5, -3]), toSql(sparse), '1010']);
    const [found] = (await connection.query('SELECT * FROM others')).rows;
    assert.deepEqual(found.half, [1, 0.5, -3]);
    assert.deepEqual(found.sparse.toArray(), [0, 1.5, 0, -2, 0]);
    assert.equal(found.bits, '1010');
});

run.end();
