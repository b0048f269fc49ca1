// DuckDB's answer to the questions of bench-tag: boolean columns, vectorised
// scan. Prints "NAME milliseconds" (medians). Skipped by tag.sh when
// @duckdb/node-api is not installed.
//
//   node tag_duckdb.mjs ROWS RUNS
import { DuckDBInstance } from '@duckdb/node-api';

const rows = Number(process.argv[2] ?? 67000000);
const runs = Number(process.argv[3] ?? 7);

const db = await (await DuckDBInstance.create(':memory:')).connect();
const bits = [['a', 512], ['b', 205], ['c', 51], ['t1', 103], ['t2', 103], ['t3', 103], ['t4', 103]];
await db.run(`CREATE TABLE source AS
  SELECT i AS cid, ${bits.map(([name, share]) => `(hash(i, '${name}') % 1024) < ${share} AS ${name}`).join(', ')},
         (hash(i, 'e') % 1024) < 98 AS e, (hash(i, 'g') % 85000)::INTEGER AS grid
  FROM range(${rows}) AS r(i)`);

const questions = {
  term: 'SELECT count(*) FROM source WHERE a AND b AND NOT c',
  and: 'SELECT count(*) FROM source WHERE a AND b',
  union: 'SELECT count(*) FROM source WHERE a OR b OR c OR t1 OR t2 OR t3 OR t4',
  by_org: 'SELECT count(*), sum(n) FROM (SELECT grid, count(*) AS n FROM source WHERE e GROUP BY grid)',
};
for (const [name, question] of Object.entries(questions)) {
  const took = [];
  await db.runAndReadAll(question);
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await db.runAndReadAll(question);
    took.push(performance.now() - start);
  }
  took.sort((x, y) => x - y);
  console.log(name, took[took.length >> 1].toFixed(3));
}
