// Vectors as PostgreSQL has them on the wire: the number of dimensions, two bytes of zero, and the elements.

export function toWire(vector) {
    const bytes = Buffer.alloc(4 + 4 * vector.length);
    bytes.writeInt16BE(vector.length, 0);
    vector.forEach((x, i) => bytes.writeFloatBE(x, 4 + 4 * i));
    return bytes;
}

export function fromWire(bytes) {
    const dims = bytes.readInt16BE(0);
    return Array.from({ length: dims }, (_, i) => bytes.readFloatBE(4 + 4 * i));
}
