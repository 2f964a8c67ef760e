// A database for one client, and a connection of our own that looks at what the client did there.
import { PlanLog } from './plans.mjs';
import assert from 'node:assert/strict';
import pg from 'pg';
import pgvector from 'pgvector/utils';

const server = { host: process.env.CLIENTS_SOCKET, port: 5432, user: 'postgres', password: 'none' };

export class Database {
    // Made from a template that has the extensions, so that no client meets the tables of another.
    static async create(name) {
        const database = new Database(`client_${name.replaceAll('-', '_')}`);
        const maintenance = new pg.Client({ ...server, database: 'postgres' });
        await maintenance.connect();
        await maintenance.query(`DROP DATABASE IF EXISTS ${database.name}`);
        await maintenance.query(`CREATE DATABASE ${database.name} TEMPLATE clients_template`);
        // A search then finds what arithmetic says, and not most of it.
        await maintenance.query(`ALTER DATABASE ${database.name} SET slab.exact = on`);
        // So small a table would often be read as a whole, which a large one is not.
        await maintenance.query(`ALTER DATABASE ${database.name} SET enable_seqscan = off`);
        await maintenance.end();
        await database.#connection.connect();
        return database;
    }

    #connection;

    constructor(name) {
        this.name = name;
        // How to get there, in the words of each kind of client.
        this.options = { ...server, database: name };
        this.url = `postgresql://postgres:none@${encodeURIComponent(server.host)}:5432/${name}`;
        this.plans = new PlanLog(name);
        this.#connection = new pg.Client(this.options);
    }

    // The rows that a statement returns.
    async ask(statement, parameters = []) {
        return (await this.#connection.query(statement, parameters)).rows;
    }

    async close() {
        await this.#connection.end();
    }

    // The table as it is, in the form of data.mjs.
    async rowsOf(table) {
        const found = await this.ask(`SELECT id, category, embedding::text FROM ${table} ORDER BY 1`);
        return found.map((row) => ({ ...row, embedding: pgvector.fromSql(row.embedding) }));
    }

    // Each index of vectors: its access method and operator class, and whether it agrees with its table.
    async vectorIndexes(table) {
        return this.ask(
            `SELECT i.relname AS name, am.amname AS method, k.opcname AS class, x.indisvalid AS valid
             FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am am ON am.oid = i.relam
             JOIN pg_opclass k ON k.oid = x.indclass[0]
             WHERE x.indrelid = $1::regclass AND am.amname <> 'btree'`,
            [table],
        );
    }

    // Runs a client's search, and sees that the one index answered it.
    async searchByIndex(table, search) {
        const [index] = await this.vectorIndexes(table);
        await this.plans.forget();
        const found = await search();
        for (const scanned of await this.plans.indexesSearched()) {
            assert.deepEqual(scanned, [index.name]);
        }
        return found;
    }

    // No page of an index is damaged, and every row of the table is in it.
    async checkIndex(table) {
        const indexes = await this.vectorIndexes(table);
        assert.equal(indexes.length, 1);
        await this.ask('SELECT slab_check($1::regclass, true)', [indexes[0].name]);
    }
}
