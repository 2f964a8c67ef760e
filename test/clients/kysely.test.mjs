// kysely, with pgvector's helper: its schema builder and query builder.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import pgvector from 'pgvector/kysely';

testClient('kysely', async (database) => {
    const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(database.options) }) });
    const nearest = (from, vector, k) => from.select('id').orderBy(pgvector.l2Distance('embedding', vector)).limit(k);
    const idsOf = async (search) => (await search.execute()).map(({ id }) => id);

    return {
        createTable: () =>
            db.schema
                .createTable('items')
                .addColumn('id', 'integer', (id) => id.primaryKey())
                .addColumn('category', 'integer')
                .addColumn('embedding', sql.raw(`${column.dense}(${dims})`))
                .execute(),
        insert: (all) =>
            db
                .insertInto('items')
                .values(all.map((row) => ({ ...row, embedding: pgvector.toSql(row.embedding) })))
                .execute(),
        createIndex: () =>
            db.schema
                .createIndex('items_embedding')
                .on('items')
                .using(column.method)
                .expression(sql.raw(`embedding ${operatorClass('l2')}`))
                .execute(),
        nearest: (vector, k) => idsOf(nearest(db.selectFrom('items'), vector, k)),
        nearestIn: (category, vector, k) => idsOf(nearest(db.selectFrom('items').where('category', '=', category), vector, k)),
        read: async (id) => {
            const { embedding } = await db.selectFrom('items').select('embedding').where('id', '=', id).executeTakeFirstOrThrow();
            return pgvector.fromSql(embedding);
        },
        update: (id, vector) =>
            db
                .updateTable('items')
                .set({ embedding: pgvector.toSql(vector) })
                .where('id', '=', id)
                .execute(),
        remove: (id) => db.deleteFrom('items').where('id', '=', id).execute(),
        close: () => db.destroy(),
    };
}).end();
