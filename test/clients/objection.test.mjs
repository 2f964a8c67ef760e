// objection, with pgvector's helper: models over knex.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import knexModule from 'knex';
import { Model } from 'objection';
import pgvector from 'pgvector/objection';

class Item extends Model {
    static tableName = 'items';

    // Arrays are JSON to objection; a vector's text is what the server takes for one.
    $formatDatabaseJson(json) {
        const formatted = super.$formatDatabaseJson(json);
        return formatted.embedding ? { ...formatted, embedding: pgvector.toSql(json.embedding) } : formatted;
    }

    $parseDatabaseJson(json) {
        const parsed = super.$parseDatabaseJson(json);
        return parsed.embedding ? { ...parsed, embedding: pgvector.fromSql(parsed.embedding) } : parsed;
    }
}

testClient('objection', async (database) => {
    const knex = knexModule({ client: 'pg', connection: database.options });
    Item.knex(knex);
    const nearest = async (items, vector, k) => {
        const found = await items.select('id').orderBy(pgvector.l2Distance('embedding', vector)).limit(k);
        return found.map(({ id }) => id);
    };

    return {
        createTable: () =>
            knex.schema.createTable('items', (items) => {
                items.integer('id').primary();
                items.integer('category');
                items.specificType('embedding', `${column.dense}(${dims})`);
            }),
        insert: (all) => Item.query().insert(all),
        createIndex: () =>
            knex.schema.alterTable('items', (items) => {
                items.index(knex.raw('?? ??', ['embedding', operatorClass('l2')]), 'items_embedding', column.method);
            }),
        nearest: (vector, k) => nearest(Item.query(), vector, k),
        nearestIn: (category, vector, k) => nearest(Item.query().where({ category }), vector, k),
        read: async (id) => (await Item.query().findById(id)).embedding,
        update: (id, vector) => Item.query().findById(id).patch({ embedding: vector }),
        remove: (id) => Item.query().deleteById(id),
        close: () => knex.destroy(),
    };
}).end();
