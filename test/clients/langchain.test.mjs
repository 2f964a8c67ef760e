// @langchain/community's PGVectorStore: documents added, searched with and without a filter, and deleted.
import { column, columnName, operatorClass } from './lib/column.mjs';
import { dims, nearestIds, query, rows } from './lib/data.mjs';
import { Database } from './lib/database.mjs';
import { PGVectorStore } from '@langchain/community/vectorstores/pgvector';
import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';

// A store asks for documents by uuid; the rows' numbers are their last digits.
const uuid = (id) => `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
const number = (id) => Number(id.slice(-12));

// Texts are numbers of rows here, and their embeddings those of the rows.
class RowEmbeddings extends Embeddings {
    constructor() {
        super({});
    }

    async embedQuery(text) {
        return rows[Number(text) - 1].embedding;
    }

    async embedDocuments(texts) {
        return Promise.all(texts.map((text) => this.embedQuery(text)));
    }
}

let database;
let pool;
let store;
let found;

test('langchain makes a store', async () => {
    database = await Database.create('langchain');
    pool = new pg.Pool(database.options);
    const isPgvector = columnName === 'pgvector';
    if (!isPgvector) {
        // It would ask for the extension "vector"; a table that is there it takes as it is.
        await pool.query(
            `CREATE TABLE documents (id uuid PRIMARY KEY, text text, metadata jsonb, embedding ${column.dense}(${dims}))`,
        );
    }
    store = await PGVectorStore.initialize(new RowEmbeddings(), {
        pool,
        tableName: 'documents',
        dimensions: dims,
        skipInitializationCheck: !isPgvector,
    });
});

test('langchain adds documents', async () => {
    const documents = rows.map(({ id, category }) => new Document({ pageContent: String(id), metadata: { category } }));
    await store.addDocuments(documents, { ids: rows.map(({ id }) => uuid(id)) });
    const [{ count }] = await database.ask('SELECT count(*)::integer FROM documents');
    assert.equal(count, rows.length);
    await database.ask('ANALYZE documents');
});

test('langchain has an index', async () => {
    if (columnName === 'compat') {
        await store.createHnswIndex({ dimensions: dims });
    } else {
        // Its own method makes an index of the method "hnsw" on a column cast to "vector".
        await pool.query(`CREATE INDEX ON documents USING ${column.method} (embedding ${operatorClass('cosine')})`);
    }
    const [index] = await database.vectorIndexes('documents');
    assert.equal(index.method, column.method);
    assert.equal(index.class, operatorClass('cosine'));
});

test('langchain finds the nearest documents by the index', async () => {
    const answer = await database.searchByIndex('documents', () => store.similaritySearchVectorWithScore(query, 10));
    found = answer.map(([document]) => number(document.id));
    assert.deepEqual(found, nearestIds(rows, 'cosine', query, 10));
    const scores = answer.map(([, score]) => score);
    assert.deepEqual(scores, [...scores].sort((a, b) => a - b));
});

test('langchain finds the nearest documents that satisfy a filter by the index', async () => {
    const answer = await database.searchByIndex('documents', () => store.similaritySearch('5', 10, { category: 1 }));
    const ofCategory = rows.filter(({ category }) => category === 1);
    assert.deepEqual(
        answer.map(({ id }) => number(id)),
        nearestIds(ofCategory, 'cosine', rows[4].embedding, 10),
    );
});

test('langchain deletes documents by id and by filter', async () => {
    await store.delete({ ids: found.slice(0, 3).map(uuid) });
    await store.delete({ filter: { category: 2 } });
    const left = rows.filter(({ id, category }) => !found.slice(0, 3).includes(id) && category !== 2);
    const answer = await database.searchByIndex('documents', () => store.similaritySearchVectorWithScore(query, 10));
    assert.deepEqual(
        answer.map(([document]) => number(document.id)),
        nearestIds(left, 'cosine', query, 10),
    );
});

test('langchain leaves a sound index', async () => {
    await database.checkIndex('documents');
});

test('langchain closes its connections', async () => {
    await store.end();
    await database.close();
});
