// The rows that every client writes, and what a search of them has to find.

export const dims = 16;
export const categories = 4;

// Numbers that are drawn alike in every run.
function generator(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

// Whole numbers are the same in every type and format, and a sum of their squares is exact.
function vector(draw) {
    return Array.from({ length: dims }, () => Math.floor(draw() * 1001) - 500);
}

const draw = generator(20);
export const rows = Array.from({ length: 1000 }, (_, i) => ({ id: i + 1, category: i % categories, embedding: vector(draw) }));
export const query = vector(draw);
export const replacement = vector(draw);

function dot(a, b) {
    return a.reduce((sum, x, i) => sum + x * b[i], 0);
}

// They order as the distances do whose operators a search uses.
const distances = {
    l2: (a, b) => dot(a, a) - 2 * dot(a, b) + dot(b, b),
    ip: (a, b) => -dot(a, b),
    cosine: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
};

// The ids of the k rows that are nearest to a vector.
export function nearestIds(from, metric, center, k) {
    const distance = distances[metric];
    return from
        .map(({ id, embedding }) => ({ id, distance: distance(embedding, center) }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, k)
        .map(({ id }) => id);
}
