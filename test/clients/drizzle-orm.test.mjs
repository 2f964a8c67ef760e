// drizzle-orm, with drizzle-kit: schema and index pushed from their definitions.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { pushSchema } from 'drizzle-kit/api';
import { eq, l2Distance } from 'drizzle-orm';
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

testClient('drizzle-orm', async (database) => {
    const pool = new pg.Pool(database.options);
    const db = drizzle(pool);
    const push = async (table) => (await pushSchema({ items: table }, db)).apply();
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
        createTable: () => push(withoutIndex),
        insert: (all) => db.insert(items).values(all),
        createIndex: () => push(items),
        nearest: (center, k) => nearest(undefined, center, k),
        nearestIn: (category, center, k) => nearest(eq(items.category, category), center, k),
        read: async (id) => (await db.select().from(items).where(eq(items.id, id)))[0].embedding,
        update: (id, embedding) => db.update(items).set({ embedding }).where(eq(items.id, id)),
        remove: (id) => db.delete(items).where(eq(items.id, id)),
        drift: async () => (await pushSchema({ items }, db)).statementsToExecute,
        close: () => pool.end(),
    };
}, { managesSchema: true }).end();
