import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterConfig } from '../../../src/config/types.js';
import type { VrrpConfig } from '../../../src/config/vrrp-types.js';
import { loopPartDiffers } from '../../../src/daemon/runner/differences.js';
import {
  configForLoop,
  keepDirectorPart,
  recalledConfig,
} from '../../../src/daemon/runner/virtual-servers.js';
import { sampleConfig, sampleKeys } from '../../support/configuration.js';
import { temporaryPaths } from '../../support/control.js';
import { good } from '../config/keepalived/support.js';

const TEXT = `global_defs {
  lvs_keep_on_stop
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  virtual_ipaddress {
    10.0.0.100/24
  }
}
virtual_server_group web {
  10.0.0.100 80
}
virtual_server group web {
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server 10.0.0.2 80 {
    TCP_CHECK { }
  }
}`;

function setUp(t: { after(task: () => void): void }) {
  const paths = temporaryPaths(t);
  mkdirSync(paths.runDir, { recursive: true });
  const vrrp = good(TEXT);
  const config: ClusterConfig = { ...sampleConfig(), vrrp };
  const said: string[] = [];
  const recall = (told: ClusterConfig, reread: VrrpConfig | undefined): Promise<ClusterConfig> =>
    recalledConfig(
      told,
      paths,
      async () =>
        reread === undefined
          ? { ok: false, diagnostics: [] }
          : { ok: true, config: { ...told, vrrp: reread }, authKeys: sampleKeys, diagnostics: [] },
      (_level, _code, sentence) => said.push(sentence),
    );
  return { paths, vrrp, config, said, recall };
}

test('the loop is told nothing of virtual servers, and a new runner has the same configuration to the letter', async (t) => {
  const { paths, vrrp, config, said, recall } = setUp(t);
  const told = configForLoop(config);
  assert.doesNotMatch(JSON.stringify(told), /10\.0\.0\.2|keepOnStop|virtualServerGroups/);
  assert.equal(told.vrrp?.instances.length, 1);
  assert.equal(keepDirectorPart(paths, vrrp), undefined);
  const again = await recall(told, undefined);
  assert.equal(JSON.stringify(again), JSON.stringify(config), 'a reload finds no difference');
  assert.deepEqual(said, []);
  assert.equal(keepDirectorPart(paths, undefined), undefined);
  assert.equal(existsSync(join(paths.runDir, 'virtual-servers.json')), false);
});

test('a reload of virtual servers alone is none for the loop', () => {
  const before = good(TEXT);
  assert.equal(loopPartDiffers(before, good(TEXT.replace('10.0.0.2 80', '10.0.0.3 80'))), false);
  assert.equal(loopPartDiffers(before, good(TEXT.replace('priority 100', 'priority 90'))), true);
});

test('where the file is lost keepalived.conf is read anew, and a sentence says so', async (t) => {
  const { paths, vrrp, config, said, recall } = setUp(t);
  const told = configForLoop(config);
  const again = await recall(told, vrrp);
  assert.equal(again.vrrp?.virtualServers.length, 1);
  assert.match(
    said[0] ?? '',
    /virtual-servers\.json is lost: the virtual servers are those that .* names now/,
  );
  const none = await recall(told, undefined);
  assert.deepEqual(none.vrrp?.virtualServers, []);
  assert.match(said[1] ?? '', /is lost and .*keepalived\.conf has errors/);
  await recall(told, { ...vrrp, virtualServers: [] });
  assert.equal(said.length, 2, 'without virtual servers nothing is missed');
  rmSync(paths.runDir, { recursive: true });
  assert.match(keepDirectorPart(paths, vrrp) ?? '', /^Cannot write .*virtual-servers\.json: /);
});

test('a loop of an older version, which was told everything, is believed', async (t) => {
  const { config, recall } = setUp(t);
  assert.equal(await recall(config, undefined), config);
});
