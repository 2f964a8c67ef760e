// prisma and @prisma/client: migrations, what they make of the index, and raw queries. With a driver adapter both run without the
// engines that prisma would download.
import { testClient } from './lib/client.mjs';
import { column, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import { PrismaPg } from '@prisma/adapter-pg';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import pgvector from 'pgvector/utils';

const require = createRequire(import.meta.url);
const project = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'prisma');

const schema = `
generator client {
  provider   = "prisma-client-js"
  engineType = "client"
  output     = "./generated"
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model items {
  id        Int  @id
  category  Int?
  embedding Unsupported("${column.dense}(${dims})")?
  // INDEX
}
`;

// Named in the schema, the index is not dropped as one that the schema does not have. Prisma takes it for one of its own kind, so
// that a migration has to make it by SQL.
const schemaWithIndex = schema.replace('// INDEX', '@@index([embedding], map: "items_embedding")');

// The adapter refuses columns of the catalog's type "char", which are read for a schema; its connections call them text.
const config = `
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

const [char, text] = [18, 25];

class Client extends pg.Client {
    query(...words) {
        const callback = words.pop();
        const asText = (answer) => {
            for (const field of answer?.fields ?? []) {
                field.dataTypeID = field.dataTypeID === char ? text : field.dataTypeID;
            }
            return answer;
        };
        if (typeof callback === 'function') {
            return super.query(...words, (error, answer) => callback(error, asText(answer)));
        }
        return super.query(...words, callback).then(asText);
    }
}

export default {
    schema: 'schema.prisma',
    migrations: { path: 'migrations' },
    engine: 'js',
    experimental: { adapter: true },
    adapter: async () => new PrismaPg({ ...JSON.parse(process.env.DATABASE_OPTIONS), Client }),
};
`;

const run = testClient('prisma', async (database) => {
    const extensions = (await database.ask('SELECT extname FROM pg_extension ORDER BY oid')).map(({ extname }) => extname);
    const prisma = async (...words) => {
        const env = { ...process.env, DATABASE_URL: database.url, DATABASE_OPTIONS: JSON.stringify(database.options) };
        const cli = require.resolve('prisma/build/index.js');
        const running = promisify(execFile)(process.execPath, [cli, ...words, '--config', 'prisma.config.mjs'], {
            cwd: project,
            env,
            timeout: 60000,
        });
        // Where it asks whether to go on, it fails.
        running.child.stdin.end();
        const { stdout } = await running.catch(({ message, stdout }) => assert.fail(`${message}\n${stdout}`));
        return stdout;
    };
    const migrate = async (name, statements) => {
        await mkdir(join(project, 'migrations', name), { recursive: true });
        await writeFile(join(project, 'migrations', name, 'migration.sql'), statements);
        await prisma('migrate', 'deploy');
    };
    await mkdir(join(project, 'migrations'), { recursive: true });
    await writeFile(join(project, 'schema.prisma'), schema);
    await writeFile(join(project, 'prisma.config.mjs'), config);
    await writeFile(join(project, 'migrations', 'migration_lock.toml'), 'provider = "postgresql"\n');
    await prisma('generate');
    const { PrismaClient } = require(join(project, 'generated'));
    const client = new PrismaClient({ adapter: new PrismaPg(database.options) });

    const idsOf = async (search) => (await search).map(({ id }) => id);
    const { dense } = column;

    return {
        prisma,
        createTable: async () => {
            const table = await prisma('migrate', 'diff', '--from-empty', '--to-schema-datamodel', 'schema.prisma', '--script');
            await migrate('1_table', [...extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS ${name};`), table].join('\n'));
        },
        insert: async (all) => {
            const tuples = all.map((row) => `(${row.id}, ${row.category}, '${pgvector.toSql(row.embedding)}'::${dense})`);
            await client.$executeRawUnsafe(`INSERT INTO items (id, category, embedding) VALUES ${tuples.join(', ')}`);
        },
        createIndex: async () => {
            await writeFile(join(project, 'schema.prisma'), schemaWithIndex);
            await migrate('2_index', `CREATE INDEX items_embedding ON items USING ${column.method} (embedding ${operatorClass('l2')});`);
        },
        nearest: (vector, k) =>
            idsOf(client.$queryRawUnsafe(`SELECT id FROM items ORDER BY embedding <-> $1::${dense} LIMIT $2`, pgvector.toSql(vector), k)),
        nearestIn: (category, vector, k) =>
            idsOf(
                client.$queryRawUnsafe(
                    `SELECT id FROM items WHERE category = $1 ORDER BY embedding <-> $2::${dense} LIMIT $3`,
                    category,
                    pgvector.toSql(vector),
                    k,
                ),
            ),
        // It refuses to read a type that it does not know, so the server makes it a text.
        read: async (id) =>
            pgvector.fromSql((await client.$queryRaw`SELECT embedding::text FROM items WHERE id = ${id}`)[0].embedding),
        update: (id, vector) =>
            client.$executeRawUnsafe(`UPDATE items SET embedding = $1::${dense} WHERE id = $2`, pgvector.toSql(vector), id),
        remove: (id) => client.items.delete({ where: { id } }),
        drift: async (context) => {
            // Having said that there is nothing to do, it goes on running until its time is over.
            const said = await prisma('db', 'push', '--skip-generate').catch(({ message }) => message);
            const [{ version }] = await database.ask("SELECT current_setting('server_version_num')::integer AS version");
            if (version >= 180000 && said.includes('RuntimeError: unreachable')) {
                context.skip('the schema engine of this version crashes when it reads a schema of PostgreSQL 18');
                return [];
            }
            return said.includes('The database is already in sync with the Prisma schema.') ? [] : [said];
        },
        close: () => client.$disconnect(),
    };
}, { managesSchema: true });

test('prisma keeps its index', async () => {
    const [index] = await run.database.vectorIndexes('items');
    assert.deepEqual(index, { name: 'items_embedding', method: column.method, class: operatorClass('l2'), valid: true });
});

run.end();
