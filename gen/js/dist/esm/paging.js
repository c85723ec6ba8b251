// Walks pages as they are asked for.
/** All items of all pages, for `for await`.  Asks for a page when its first item is taken. */
export class Pages {
    #fetch;
    /** `fetch` gets nothing for the first page, then each page's `next`. */
    constructor(fetch) {
        this.#fetch = fetch;
    }
    async *[Symbol.asyncIterator]() {
        let path;
        do {
            const page = await this.#fetch(path);
            yield* page.items;
            path = page.next;
        } while (path !== undefined);
    }
    async map(change) {
        const changed = [];
        for await (const item of this)
            changed.push(change(item));
        return changed;
    }
    async forEach(visit) {
        for await (const item of this)
            visit(item);
    }
    /** Like forEach, but waits for each visit before the next. */
    async forEachAsync(visit) {
        for await (const item of this)
            await visit(item);
    }
    toArray() {
        return this.map((item) => item);
    }
}
