// pg-copy-streams: rows in and out by COPY in binary form, and as text.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { fromWire, toWire } from './lib/wire.mjs';
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import pgvector from 'pgvector/utils';

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

// Each field is its length and its bytes; a tuple begins with the number of its fields, and -1 stands for the end.
function toBinaryCopy(rows) {
    const integer = (x) => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32BE(x);
        return bytes;
    };
    const field = (bytes) => Buffer.concat([integer(bytes.length), bytes]);
    const tuple = ({ id, category, embedding }) => [Buffer.from([0, 3]), ...[integer(id), integer(category), toWire(embedding)].map(field)];
    return Buffer.concat([signature, Buffer.alloc(8), ...rows.flatMap(tuple), Buffer.from([0xff, 0xff])]);
}

function fromBinaryCopy(bytes) {
    assert.deepEqual(bytes.subarray(0, signature.length), signature);
    const rows = [];
    let at = signature.length + 8;
    const field = () => {
        const length = bytes.readInt32BE(at);
        at += 4 + length;
        return bytes.subarray(at - length, at);
    };
    while (bytes.readInt16BE(at) !== -1) {
        assert.equal(bytes.readInt16BE(at), 3);
        at += 2;
        rows.push({ id: field().readInt32BE(), category: field().readInt32BE(), embedding: fromWire(field()) });
    }
    assert.equal(at + 2, bytes.length);
    return rows;
}

const run = testClient('pg-copy-streams', async (database) => {
    const client = new pg.Client(database.options);
    await client.connect();
    const idsOf = async (statement, parameters) => (await client.query(statement, parameters)).rows.map(({ id }) => id);
    const copyIn = (options, bytes) => pipeline(Readable.from([bytes]), client.query(copyFrom(`COPY items FROM STDIN ${options}`)));
    const copyOut = async (source, options) => Buffer.concat(await client.query(copyTo(`COPY ${source} TO STDOUT ${options}`)).toArray());

    return {
        copyIn,
        copyOut,
        createTable: () =>
            client.query(`CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding ${column.dense}(${dims}))`),
        insert: (all) => copyIn('(FORMAT binary)', toBinaryCopy(all)),
        createIndex: () => client.query(`CREATE INDEX ON items USING ${column.method} (embedding ${operatorClass('l2')})`),
        nearest: (vector, k) => idsOf('SELECT id FROM items ORDER BY embedding <-> $1 LIMIT $2', [toWire(vector), k]),
        nearestIn: (category, vector, k) =>
            idsOf('SELECT id FROM items WHERE category = $1 ORDER BY embedding <-> $2 LIMIT $3', [category, toWire(vector), k]),
        read: async (id) => fromBinaryCopy(await copyOut(`(SELECT * FROM items WHERE id = ${id})`, '(FORMAT binary)'))[0].embedding,
        update: (id, vector) => client.query('UPDATE items SET embedding = $2 WHERE id = $1', [id, toWire(vector)]),
        remove: (id) => client.query('DELETE FROM items WHERE id = $1', [id]),
        close: () => client.end(),
    };
});

test('pg-copy-streams writes rows into a table that has an index', async () => {
    const added = [2001, 2002, 2003].map((id) => ({ id, category: 0, embedding: Array.from({ length: dims }, (_, i) => id + i) }));
    await run.client.copyIn('(FORMAT binary)', toBinaryCopy(added.slice(0, 2)));
    await run.client.copyIn('', `${added[2].id}\t${added[2].category}\t${pgvector.toSql(added[2].embedding)}\n`);
    const found = await run.searchByIndex(() => run.client.nearest(added[2].embedding, 3));
    assert.deepEqual(found, [2003, 2002, 2001]);
});

test('pg-copy-streams reads all rows', async () => {
    const found = fromBinaryCopy(await run.client.copyOut('items', '(FORMAT binary)'));
    assert.deepEqual(
        found.sort((a, b) => a.id - b.id),
        await run.database.rowsOf('items'),
    );
});

run.end();
