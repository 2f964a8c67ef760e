// pg-promise: values formatted into statements, many rows by one INSERT.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { registerTypes } from './lib/types.mjs';
import pgPromise from 'pg-promise';
import pgvector from 'pgvector/utils';

testClient('pg-promise', async (database) => {
    const pgp = pgPromise({ connect: ({ client }) => registerTypes(client) });
    const db = pgp(database.options);
    const columns = new pgp.helpers.ColumnSet(['id', 'category', 'embedding'], { table: 'items' });
    const idsOf = (statement, values) => db.map(statement, values, ({ id }) => id);

    return {
        createTable: () =>
            db.none('CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding $1:raw)', [`${column.dense}(${dims})`]),
        insert: (all) => {
            const values = all.map((row) => ({ ...row, embedding: pgvector.toSql(row.embedding) }));
            return db.none(pgp.helpers.insert(values, columns));
        },
        createIndex: () =>
            db.none('CREATE INDEX ON items USING $1:name (embedding $2:name)', [column.method, operatorClass('l2')]),
        nearest: (vector, k) => idsOf('SELECT id FROM items ORDER BY embedding <-> $1 LIMIT $2', [pgvector.toSql(vector), k]),
        nearestIn: (category, vector, k) =>
            idsOf('SELECT id FROM items WHERE category = $1 ORDER BY embedding <-> $2 LIMIT $3', [category, pgvector.toSql(vector), k]),
        read: async (id) => (await db.one('SELECT embedding FROM items WHERE id = $1', [id])).embedding,
        update: (id, vector) => db.none('UPDATE items SET embedding = $2 WHERE id = $1', [id, pgvector.toSql(vector)]),
        remove: (id) => db.none('DELETE FROM items WHERE id = $1', [id]),
        close: () => db.$pool.end(),
    };
}).end();
