// Under a Node that is too old the database's driver would end the process without a word, and only at its
// first use. So this comes before everything else; lib/lifecycle/node-version.ts says the same for a start without it.

const OLDEST_NODE = 22;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `Belfry needs Node ${OLDEST_NODE} or later, and this is ${process.versions.node}. Start it with a newer one: ` +
      'the image that the Dockerfile makes has the one that Belfry is tested on.\n',
  );
  process.exit(1);
}
