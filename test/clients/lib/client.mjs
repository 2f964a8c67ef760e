// What every client has to do, each step by its own means: testClient() declares a test for each.
import { column, operatorClass } from './column.mjs';
import { nearestIds, query, replacement, rows } from './data.mjs';
import { Database } from './database.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';

const changed = 7;
const removed = nearestIds(rows, 'l2', query, 1)[0];

/**
 * Declares the tests of a client. connect(database) resolves to an object with these functions, all of them asynchronous:
 *
 *   createTable()                makes the table of vectors: id, category, embedding
 *   insert(rows)                 writes rows as data.mjs has them
 *   createIndex()                makes an index of the embeddings, of the run's access method and the metric's operator class
 *   nearest(vector, k)           the ids of the k nearest rows, the nearest first
 *   nearestIn(category, vector, k)   the same of the rows of one category
 *   read(id)                     the embedding of a row, an array of numbers
 *   update(id, vector)           changes a row's embedding
 *   remove(id)                   deletes a row
 *   drift(context)               if it manages schemas: the statements that it would run to have the schema it wants; context is
 *                                the test's, which it may skip
 *   close()                      closes all connections
 *
 * Returns an object that has the database and the client for tests that the file adds, and declares those that end the run:
 *
 *   const run = testClient('name', connect);
 *   test('...', async () => { await run.client... });
 *   run.end();
 */
export function testClient(name, connect, { table = 'items', metric = 'l2', managesSchema = false } = {}) {
    const run = { database: undefined, client: undefined, rows };

    run.searchByIndex = (search) => run.database.searchByIndex(table, search);
    const expected = (center, k, condition = () => true) => nearestIds(run.rows.filter(condition), metric, center, k);

    test(`${name} connects`, async () => {
        run.database = await Database.create(name);
        run.client = await connect(run.database);
    });

    test(`${name} creates a table`, async () => {
        await run.client.createTable();
        const [{ type }] = await run.database.ask(
            `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
             WHERE attrelid = $1::regclass AND attname = 'embedding'`,
            [table],
        );
        assert.equal(type, `${column.dense}(${query.length})`);
    });

    test(`${name} inserts rows`, async () => {
        await run.client.insert(rows);
        assert.deepEqual(await run.database.rowsOf(table), rows);
        await run.database.ask(`ANALYZE ${table}`);
    });

    test(`${name} creates an index`, async () => {
        await run.client.createIndex();
        const found = await run.database.vectorIndexes(table);
        assert.deepEqual(
            found.map(({ method, class: of, valid }) => ({ method, of, valid })),
            [{ method: column.method, of: operatorClass(metric), valid: true }],
        );
    });

    test(`${name} finds the nearest rows by the index`, async () => {
        const found = await run.searchByIndex(() => run.client.nearest(query, 10));
        assert.deepEqual(found, expected(query, 10));
    });

    test(`${name} finds the nearest rows that satisfy a condition by the index`, async () => {
        const found = await run.searchByIndex(() => run.client.nearestIn(1, query, 10));
        assert.deepEqual(
            found,
            expected(query, 10, (row) => row.category === 1),
        );
    });

    test(`${name} reads a vector`, async () => {
        assert.deepEqual(await run.client.read(changed), rows[changed - 1].embedding);
    });

    test(`${name} updates a vector`, async () => {
        await run.client.update(changed, replacement);
        run.rows = rows.map((row) => (row.id === changed ? { ...row, embedding: replacement } : row));
        assert.deepEqual(await run.client.read(changed), replacement);
        const found = await run.searchByIndex(() => run.client.nearest(replacement, 5));
        assert.deepEqual(found, expected(replacement, 5));
    });

    test(`${name} deletes a row`, async () => {
        await run.client.remove(removed);
        run.rows = run.rows.filter(({ id }) => id !== removed);
        const found = await run.searchByIndex(() => run.client.nearest(query, 5));
        assert.deepEqual(found, expected(query, 5));
    });

    if (managesSchema) {
        test(`${name} finds its schema as it wants it, index included`, async (context) => {
            assert.deepEqual(await run.client.drift(context), []);
        });
    }

    run.end = () => {
        test(`${name} leaves a sound index`, async () => {
            await run.database.checkIndex(table);
        });
        test(`${name} closes its connections`, async () => {
            await run.client.close();
            await run.database.close();
        });
    };
    return run;
}
