// typeorm: an entity whose table synchronisation makes, and an index that a migration makes and synchronisation leaves alone. It
// knows columns of type vector and halfvec; the table of any other type is made by a migration, and not synchronised.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import pgvector from 'pgvector/utils';
import typeorm from 'typeorm';

const { DataSource, EntitySchema } = typeorm;

const Item = new EntitySchema({
    name: 'Item',
    tableName: 'items',
    synchronize: hasVectorName,
    columns: {
        id: { type: 'integer', primary: true },
        category: { type: 'integer' },
        embedding: hasVectorName
            ? { type: 'vector', length: dims }
            : { type: column.dense, transformer: { to: pgvector.toSql, from: pgvector.fromSql } },
    },
    // Its schema builder knows no access methods, so a migration makes the index.
    indices: [{ name: 'items_embedding', columns: ['embedding'], synchronize: false }],
});

class CreateTable1600000000000 {
    up(runner) {
        return runner.query(`CREATE TABLE items (id integer PRIMARY KEY, category integer, embedding ${column.dense}(${dims}))`);
    }

    down(runner) {
        return runner.query('DROP TABLE items');
    }
}

class CreateIndex1700000000000 {
    up(runner) {
        return runner.query(`CREATE INDEX items_embedding ON items USING ${column.method} (embedding ${operatorClass('l2')})`);
    }

    down(runner) {
        return runner.query('DROP INDEX items_embedding');
    }
}

testClient('typeorm', async (database) => {
    const { host, port, user, password } = database.options;
    const options = { type: 'postgres', host, port, username: user, password, database: database.name, entities: [Item] };
    // The extensions are there; of those that it knows it would make the ones that its columns use.
    const source = new DataSource({ ...options, installExtensions: false });
    const migrate = async (...migrations) => {
        source.setOptions({ migrations });
        await source.buildMetadatas();
        await source.runMigrations();
    };
    // It refuses types that are not in this list, for which it has no option.
    if (!hasVectorName) {
        source.driver.supportedDataTypes.push(column.dense);
    }
    await source.initialize();
    const items = source.getRepository(Item);
    const nearest = async (where, vector, k) => {
        const found = await items
            .createQueryBuilder('item')
            .select('item.id', 'id')
            .where(where)
            .orderBy('item.embedding <-> :center')
            .setParameter('center', pgvector.toSql(vector))
            .limit(k)
            .getRawMany();
        return found.map(({ id }) => id);
    };

    return {
        createTable: () => (hasVectorName ? source.synchronize() : migrate(CreateTable1600000000000)),
        insert: (all) => items.insert(all),
        createIndex: () => migrate(...(hasVectorName ? [] : [CreateTable1600000000000]), CreateIndex1700000000000),
        nearest: (vector, k) => nearest({}, vector, k),
        nearestIn: (category, vector, k) => nearest({ category }, vector, k),
        read: async (id) => (await items.findOneByOrFail({ id })).embedding,
        update: (id, embedding) => items.update({ id }, { embedding }),
        remove: (id) => items.delete({ id }),
        drift: async () => (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query),
        close: () => source.destroy(),
    };
}, { managesSchema: hasVectorName }).end();
