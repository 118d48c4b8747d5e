import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labAbility } from './lib/index.js';
import { withCluster } from './support/cluster.js';

const ability = labAbility();
const options = ability.possible ? {} : { skip: ability.reason };

test(
  'what the flight recorders of two nodes wrote down gives identical effects when it is played again',
  options,
  async () => {
    await withCluster({ autoFailback: 'on' }, async (cluster) => {
      const { lab, node1, node2 } = cluster;
      await cluster.start();
      await cluster.owns(node1);
      await node1.powerOff();
      await cluster.owns(node2);
      await node1.powerOn();
      await cluster.start(node1);
      await cluster.owns(node1);
      await cluster.quiet();
      await cluster.heartbeat(node1, '-k');
      await cluster.owns(node2);
      // Batches go out once a second.
      const replayed = await lab.until(
        async () => {
          const told = await cluster.heartbeat(node2, 'replay');
          return /taking|Taking/.test(told.stdout) && told;
        },
        { withinMs: 20_000, what: 'the takeover in the recording of node2', everyMs: 500 },
      );
      assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
      assert.match(replayed.stdout, /node2: Taking over resource group .*: node1 was silent for/);
      assert.match(replayed.stdout, /identical to what the node did\.\n$/);
      const others = await cluster.heartbeat(node1, 'replay');
      assert.equal(others.code, 0, others.stdout + others.stderr);
      // Its first run was cut off by the loss of power, its second ended in good order.
      assert.match(others.stdout, /^[2-9] recordings, \d{2,} inputs, \d{2,} effects: identical/m);
    });
  },
);
