// knex, with pgvector's helper: its schema builder in a migration that is run, undone and run again.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import knexModule from 'knex';
import pgvector from 'pgvector/knex';

const table = {
    up: (schema) =>
        schema.createTable('items', (items) => {
            items.integer('id').primary();
            items.integer('category');
            // The helper's method knows pgvector's names alone.
            if (hasVectorName) {
                items.vector('embedding', dims);
            } else {
                items.specificType('embedding', `${column.dense}(${dims})`);
            }
        }),
    down: (schema) => schema.dropTable('items'),
};

const index = {
    up: (schema, knex) =>
        schema.alterTable('items', (items) => {
            items.index(knex.raw('?? ??', ['embedding', operatorClass('l2')]), 'items_embedding', column.method);
        }),
    down: (schema) => schema.alterTable('items', (items) => items.dropIndex('embedding', 'items_embedding')),
};

const run = testClient('knex', async (database) => {
    const knex = knexModule({ client: 'pg', connection: database.options });
    const migrations = new Map();
    const migrationSource = {
        getMigrations: async () => [...migrations.keys()],
        getMigrationName: (name) => name,
        getMigration: async (name) => ({
            up: (connection) => migrations.get(name).up(connection.schema, connection),
            down: (connection) => migrations.get(name).down(connection.schema, connection),
        }),
    };
    const migrate = (name, steps) => {
        migrations.set(name, steps);
        return knex.migrate.latest({ migrationSource });
    };

    return {
        undo: () => knex.migrate.down({ migrationSource }),
        redo: () => knex.migrate.up({ migrationSource }),
        createTable: () => migrate('1_table', table),
        insert: (all) => knex('items').insert(all.map((row) => ({ ...row, embedding: pgvector.toSql(row.embedding) }))),
        createIndex: () => migrate('2_index', index),
        nearest: (vector, k) => knex('items').orderBy(knex.l2Distance('embedding', vector)).limit(k).pluck('id'),
        nearestIn: (category, vector, k) =>
            knex('items').where({ category }).orderBy(knex.l2Distance('embedding', vector)).limit(k).pluck('id'),
        read: async (id) => pgvector.fromSql((await knex('items').where({ id }).first('embedding')).embedding),
        update: (id, vector) => knex('items').where({ id }).update({ embedding: pgvector.toSql(vector) }),
        remove: (id) => knex('items').where({ id }).delete(),
        close: () => knex.destroy(),
    };
});

test('knex undoes and repeats the migration of the index', async () => {
    const before = await run.database.vectorIndexes('items');
    await run.client.undo();
    assert.deepEqual(await run.database.vectorIndexes('items'), []);
    await run.client.redo();
    assert.deepEqual(await run.database.vectorIndexes('items'), before);
});

run.end();
