// slonik: statements with types checked at run time, and a parser for vectors.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import pgvector from 'pgvector/utils';
import { createPool, sql } from 'slonik';
import { z } from 'zod';

testClient('slonik', async (database) => {
    const pool = await createPool(database.url, {
        typeParsers: [{ name: column.dense, parse: pgvector.vectorFromSql }],
    });
    const id = sql.type(z.object({ id: z.number() }));
    const embedding = sql.type(z.object({ embedding: z.array(z.number()) }));
    // A type's name is neither a value nor an identifier, so it is a template without values.
    const word = (name) => sql.fragment(Object.assign([name], { raw: Object.freeze([name]) }));
    const nearest = (where, vector, k) =>
        pool.anyFirst(id`SELECT id FROM items ${where} ORDER BY embedding <-> ${pgvector.toSql(vector)} LIMIT ${k}`);

    return {
        createTable: () =>
            pool.query(sql.unsafe`CREATE TABLE items
                (id integer PRIMARY KEY, category integer, embedding ${word(`${column.dense}(${dims})`)})`),
        insert: (all) => {
            const tuples = all.map((row) => [row.id, row.category, pgvector.toSql(row.embedding)]);
            return pool.query(sql.unsafe`INSERT INTO items
                SELECT id, category, embedding::${word(column.dense)} FROM ${sql.unnest(tuples, ['int4', 'int4', 'text'])}
                AS new (id, category, embedding)`);
        },
        createIndex: () =>
            pool.query(sql.unsafe`CREATE INDEX ON items
                USING ${sql.identifier([column.method])} (embedding ${sql.identifier([operatorClass('l2')])})`),
        nearest: (vector, k) => nearest(sql.fragment``, vector, k),
        nearestIn: (category, vector, k) => nearest(sql.fragment`WHERE category = ${category}`, vector, k),
        read: (which) => pool.oneFirst(embedding`SELECT embedding FROM items WHERE id = ${which}`),
        update: (which, vector) =>
            pool.query(sql.unsafe`UPDATE items SET embedding = ${pgvector.toSql(vector)} WHERE id = ${which}`),
        remove: (which) => pool.query(sql.unsafe`DELETE FROM items WHERE id = ${which}`),
        close: () => pool.end(),
    };
}).end();
