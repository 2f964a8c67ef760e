// What the vectors of a run are called, and which index serves them: the run's column of the matrix in README.md.
const columns = {
    vec: { dense: 'vec', half: 'hvec', sparse: 'svec', method: 'slab' },
    pgvector: { dense: 'vector', half: 'halfvec', sparse: 'sparsevec', method: 'slab' },
    compat: { dense: 'vector', half: 'halfvec', sparse: 'sparsevec', method: 'hnsw' },
};

export const columnName = process.env.CLIENTS_COLUMN;
export const column = columns[columnName];
if (!column) {
    throw new Error(`CLIENTS_COLUMN is "${columnName}" and has to be one of: ${Object.keys(columns).join(', ')}`);
}

// Clients that look for the type by pgvector's name find it.
export const hasVectorName = column.dense === 'vector';

// The operator class for a metric: l2, ip or cosine.
export function operatorClass(metric) {
    return `${column.dense}_${metric}_ops`;
}
