// @mikro-orm/postgresql, with pgvector's helper: an entity, its index, and migrations made from what differs.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import pgvector from 'pgvector/mikro-orm';

// The helper's type, under another name where it is another.
class Vector extends pgvector.VectorType {
    getColumnType(property, platform) {
        return hasVectorName ? super.getColumnType(property, platform) : `${column.dense}(${property.dimensions})`;
    }
}

const index = {
    name: 'items_embedding',
    expression: `create index items_embedding on items using ${column.method} (embedding ${operatorClass('l2')})`,
};

function itemSchema(indexes) {
    return new EntitySchema({
        name: 'Item',
        tableName: 'items',
        properties: {
            id: { type: 'integer', primary: true, autoincrement: false },
            category: { type: 'integer' },
            // It reads the length of a column from the catalog if its type is called vector, and would change others each time.
            embedding: { type: Vector, dimensions: dims, ignoreSchemaChanges: hasVectorName ? [] : ['type'] },
        },
        indexes,
    });
}

testClient('mikro-orm', async (database) => {
    const { host, port, user, password } = database.options;
    const connect = (indexes) =>
        MikroORM.init({ host, port, user, password, dbName: database.name, entities: [itemSchema(indexes)], allowGlobalContext: true });
    let orm = await connect([]);
    const nearest = async (where, vector, k) => {
        const em = orm.em.fork();
        const items = em.createQueryBuilder('Item').select('id').where(where);
        const found = await items.orderBy({ [pgvector.l2Distance('embedding', vector)]: 'ASC' }).limit(k).execute();
        return found.map(({ id }) => id);
    };

    return {
        createTable: () => orm.schema.updateSchema(),
        insert: async (all) => {
            const em = orm.em.fork();
            all.forEach((row) => em.create('Item', row));
            await em.flush();
        },
        createIndex: async () => {
            await orm.close();
            orm = await connect([index]);
            await orm.schema.updateSchema();
        },
        nearest: (vector, k) => nearest({}, vector, k),
        nearestIn: (category, vector, k) => nearest({ category }, vector, k),
        read: async (id) => (await orm.em.fork().findOneOrFail('Item', id)).embedding,
        update: async (id, vector) => {
            const em = orm.em.fork();
            (await em.findOneOrFail('Item', id)).embedding = vector;
            await em.flush();
        },
        remove: (id) => orm.em.fork().nativeDelete('Item', { id }),
        drift: async () => (await orm.schema.getUpdateSchemaSQL({ wrap: false })).split('\n').filter((line) => line !== ''),
        close: () => orm.close(),
    };
}, { managesSchema: true }).end();
