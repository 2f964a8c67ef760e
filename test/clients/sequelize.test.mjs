// sequelize, with pgvector's helper: a model, its index in the model, and synchronisation of both.
import { testClient } from './lib/client.mjs';
import { column, hasVectorName, operatorClass } from './lib/column.mjs';
import { dims } from './lib/data.mjs';
import pgvector from 'pgvector/sequelize';
import utils from 'pgvector/utils';
import Sequelize from 'sequelize';

const { DataTypes } = Sequelize;
if (hasVectorName) {
    pgvector.registerTypes(Sequelize);
}

testClient('sequelize', async (database) => {
    const { host, port, user, password } = database.options;
    const sequelize = new Sequelize.Sequelize(database.name, user, password, { host, port, dialect: 'postgres', logging: false });
    // The helper's type converts arrays and has pgvector's name; a type of any other name takes and gives text.
    const toColumn = (vector) => (hasVectorName ? vector : utils.toSql(vector));
    const fromColumn = (value) => (hasVectorName ? value : utils.fromSql(value));
    const attributes = {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        category: DataTypes.INTEGER,
        embedding: hasVectorName ? DataTypes.VECTOR(dims) : `${column.dense}(${dims})`,
    };
    const options = { tableName: 'items', timestamps: false };
    const embeddingIndex = {
        name: 'items_embedding',
        using: column.method,
        fields: [{ name: 'embedding', operator: operatorClass('l2') }],
    };
    let Item = sequelize.define('Item', attributes, options);
    const nearest = async (where, vector, k) => {
        const found = await Item.findAll({
            attributes: ['id'],
            where,
            order: pgvector.l2Distance('embedding', vector, sequelize),
            limit: k,
        });
        return found.map(({ id }) => id);
    };

    return {
        createTable: () => Item.sync(),
        insert: (all) => Item.bulkCreate(all.map((row) => ({ ...row, embedding: toColumn(row.embedding) }))),
        createIndex: () => {
            Item = sequelize.define('Item', attributes, { ...options, indexes: [embeddingIndex] });
            return Item.sync();
        },
        nearest: (vector, k) => nearest({}, vector, k),
        nearestIn: (category, vector, k) => nearest({ category }, vector, k),
        read: async (id) => fromColumn((await Item.findByPk(id)).embedding),
        update: (id, vector) => Item.update({ embedding: toColumn(vector) }, { where: { id } }),
        remove: (id) => Item.destroy({ where: { id } }),
        drift: async () => {
            const before = await database.vectorIndexes('items');
            const statements = [];
            await Item.sync({ logging: (statement) => statements.push(statement) });
            const after = await database.vectorIndexes('items');
            return JSON.stringify(before) === JSON.stringify(after) ? statements.filter((s) => /CREATE INDEX|DROP|ALTER/.test(s)) : statements;
        },
        close: () => sequelize.close(),
    };
}, { managesSchema: true }).end();
