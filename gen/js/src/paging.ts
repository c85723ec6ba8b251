// Walks pages as they are asked for.

/** One page, and where the next one is. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** All items of all pages, for `for await`.  Asks for a page when its first item is taken. */
export class Pages<T> implements AsyncIterable<T> {
  readonly #fetch: (path: string | undefined) => Promise<Page<T>>;

  /** `fetch` gets nothing for the first page, then each page's `next`. */
  constructor(fetch: (path: string | undefined) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    let path: string | undefined;
    do {
      const page = await this.#fetch(path);
      yield* page.items;
      path = page.next;
    } while (path !== undefined);
  }

  async map<R>(change: (item: T) => R): Promise<R[]> {
    const changed: R[] = [];
    for await (const item of this) changed.push(change(item));
    return changed;
  }

  async forEach(visit: (item: T) => void): Promise<void> {
    for await (const item of this) visit(item);
  }

  /** Like forEach, but waits for each visit before the next. */
  async forEachAsync(visit: (item: T) => Promise<void>): Promise<void> {
    for await (const item of this) await visit(item);
  }

  toArray(): Promise<T[]> {
    return this.map((item) => item);
  }
}
