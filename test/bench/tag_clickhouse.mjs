// ClickHouse's answer to the questions of bench-tag: groupBitmap states, one a
// tag. Prints "NAME milliseconds" (medians). Skipped by tag.sh when chdb is not
// installed.
//
//   node tag_clickhouse.mjs ROWS RUNS
import { Session } from 'chdb';

const rows = Number(process.argv[2] ?? 67000000);
const runs = Number(process.argv[3] ?? 7);
const session = new Session();
const ask = (sql) => session.query(sql, 'CSV');

const share = { a: 512, b: 205, c: 51, t1: 103, t2: 103, t3: 103, t4: 103 };
ask('CREATE DATABASE bench');
ask('CREATE TABLE bench.tag (tag String, members AggregateFunction(groupBitmap, UInt32)) ENGINE = MergeTree ORDER BY tag');
for (const [tag, n] of Object.entries(share))
  ask(`INSERT INTO bench.tag SELECT '${tag}', groupBitmapState(toUInt32(number)) FROM numbers(${rows}) WHERE cityHash64(number, '${tag}') % 1024 < ${n}`);
ask('CREATE TABLE bench.place (cid UInt32, grid UInt32, e UInt8) ENGINE = MergeTree ORDER BY cid');
ask(`INSERT INTO bench.place SELECT number, cityHash64(number, 'g') % 85000, cityHash64(number, 'e') % 1024 < 98 FROM numbers(${rows})`);

const set = (tag) => `(SELECT groupBitmapMergeState(members) FROM bench.tag WHERE tag = '${tag}')`;
const questions = {
  term: `SELECT bitmapAndnotCardinality(bitmapAnd(${set('a')}, ${set('b')}), ${set('c')})`,
  and: `SELECT bitmapAndCardinality(${set('a')}, ${set('b')})`,
  union: `SELECT groupBitmapMerge(members) FROM bench.tag WHERE tag IN ('a','b','c','t1','t2','t3','t4')`,
  by_org: 'SELECT count(), sum(n) FROM (SELECT grid, count() AS n FROM bench.place WHERE e GROUP BY grid)',
};
for (const [name, question] of Object.entries(questions)) {
  const took = [];
  ask(question);
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    ask(question);
    took.push(performance.now() - start);
  }
  took.sort((x, y) => x - y);
  console.log(name, took[took.length >> 1].toFixed(3));
}
session.cleanup?.();
