// The plans of the statements that a client sent, as the server ran them: auto_explain writes them to the server's log.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

// An entry begins with a time; its other lines begin with a tab.
const entryStart = /^(?=\d{4}-\d\d-\d\d \d\d:\d\d)/m;

function scansOf(node) {
    const below = (node.Plans ?? []).flatMap(scansOf);
    return node['Index Name'] ? [node['Index Name'], ...below] : below;
}

export class PlanLog {
    #database;
    #seen = 0;

    constructor(database) {
        this.#database = database;
    }

    async #read() {
        const log = await readFile(process.env.CLIENTS_LOG, 'utf8');
        return log
            .split(entryStart)
            .filter((entry) => entry.includes(` ${this.#database} LOG: `) && entry.includes(' plan:\n'))
            .map((entry) => JSON.parse(entry.slice(entry.indexOf('{'))));
    }

    // What comes after is new.
    async forget() {
        this.#seen = (await this.#read()).length;
    }

    // The indexes that were scanned since then by statements that order by a distance. The server may write a little later than
    // it answers.
    async indexesSearched() {
        for (let attempt = 0; attempt < 50; attempt++) {
            const plans = (await this.#read()).slice(this.#seen);
            const searches = plans.filter((plan) => /order by/i.test(plan['Query Text']) && /<->|<=>|<#>/.test(plan['Query Text']));
            if (searches.length > 0) {
                return searches.map(({ Plan }) => scansOf(Plan));
            }
            await setTimeout(100);
        }
        throw new Error(`the server's log has no plan of a search in ${this.#database}`);
    }
}
