// Teaches a connection of pg to read vectors, by pgvector's helper where the type has the name that this helper looks for.
import { column, hasVectorName } from './column.mjs';
import pgvector from 'pgvector/pg';
import utils from 'pgvector/utils';

export async function registerTypes(client) {
    if (hasVectorName) {
        await pgvector.registerTypes(client);
        return;
    }
    const parsers = { [column.dense]: utils.vectorFromSql, [column.half]: utils.halfvecFromSql, [column.sparse]: utils.sparsevecFromSql };
    const { rows } = await client.query('SELECT typname, oid FROM pg_type WHERE typname = ANY ($1)', [Object.keys(parsers)]);
    for (const { typname, oid } of rows) {
        client.setTypeParser(oid, 'text', parsers[typname]);
    }
}
