/** As much of it as the benchmark uses: the package brings no types along. */
declare module "pouchdb-browser" {
  type Replication = { readonly ok: boolean; readonly docs_written: number };
  const PouchDB: new (
    name: string,
  ) => {
    readonly bulkDocs: (docs: readonly object[]) => Promise<readonly { readonly ok?: boolean }[]>;
    readonly replicate: {
      readonly to: (url: string, options: { readonly batch_size: number }) => Promise<Replication>;
    };
  };
  export = PouchDB;
}
