/** One page, and where the next one is. */
export interface Page<T> {
    readonly items: readonly T[];
    readonly next: string | undefined;
}
/** All items of all pages, for `for await`.  Asks for a page when its first item is taken. */
export declare class Pages<T> implements AsyncIterable<T> {
    #private;
    /** `fetch` gets nothing for the first page, then each page's `next`. */
    constructor(fetch: (path: string | undefined) => Promise<Page<T>>);
    [Symbol.asyncIterator](): AsyncIterator<T>;
    map<R>(change: (item: T) => R): Promise<R[]>;
    forEach(visit: (item: T) => void): Promise<void>;
    /** Like forEach, but waits for each visit before the next. */
    forEachAsync(visit: (item: T) => Promise<void>): Promise<void>;
    toArray(): Promise<T[]>;
}
