// drizzle-orm, with drizzle-kit: schema and index pushed from their definitions.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { pushSchema } from 'drizzle-kit/api';
import { eq, l2Distance, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { customType, index, integer, pgTable, vector } from 'drizzle-orm/pg-core';
import pg from 'pg';
import pgvector from 'pgvector/utils';

const customVector = customType({
    dataType: () => `${column.dense}(${dims})`,
    toDriver: pgvector.toSql,
    fromDriver: pgvector.fromSql,
});
const columns = {
    id: integer('id').primaryKey(),
    category: integer('category'),
    // Drizzle's own type of vectors has pgvector's name.
    embedding: hasVectorName ? vector('embedding', { dimensions: dims }) : customVector('embedding'),
};
const withoutIndex = pgTable('items', columns);
const items = pgTable('items', columns, (table) => [
    index('items_embedding').using(column.method, table.embedding.op(operatorClass('l2'))),
]);

// The kit puts a type that it does not know into quotes, dimensions and all; then what it would run is written by hand.
const tableByHand = `CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding ${column.dense}(${dims}))`;
const indexByHand = `CREATE INDEX items_embedding ON items USING ${column.method} (embedding ${operatorClass('l2')})`;

testClient('drizzle-orm', async (database) => {
    const pool = new pg.Pool(database.options);
    const db = drizzle(pool);
    // The filter keeps it from dropping the views of the extension, which lie in the same schema.
    const push = async (table) => (await pushSchema({ items: table }, db, ['public'], ['items'])).apply();
    const nearest = async (where, center, k) => {
        const found = await db
            .select({ id: items.id })
            .from(items)
            .where(where)
            .orderBy(l2Distance(items.embedding, center))
            .limit(k);
        return found.map(({ id }) => id);
    };

    return {
        createTable: () => (hasVectorName ? push(withoutIndex) : db.execute(sql.raw(tableByHand))),
        insert: (all) => db.insert(items).values(all),
        createIndex: () => (hasVectorName ? push(items) : db.execute(sql.raw(indexByHand))),
        nearest: (center, k) => nearest(undefined, center, k),
        nearestIn: (category, center, k) => nearest(eq(items.category, category), center, k),
        read: async (id) => (await db.select().from(items).where(eq(items.id, id)))[0].embedding,
        update: (id, embedding) => db.update(items).set({ embedding }).where(eq(items.id, id)),
        remove: (id) => db.delete(items).where(eq(items.id, id)),
        drift: async () => (await pushSchema({ items }, db, ['public'], ['items'])).statementsToExecute,
        close: () => pool.end(),
    };
}, { managesSchema: hasVectorName }).end();
