/**
 * The last resort of a runner without a loop: nothing that the peers may take over is left running here. It does not
 * know what runs, so it asks every script of haresources and removes every address of it, each group from right to
 * left.
 */
import type { AddressSpec, ClusterConfig, Resource } from '../../config/types.js';
import type { OperationResult } from '../../core/input.js';

export interface ReleaseActions {
  /** Stops the script if its status says that it runs. */
  releaseScript(resource: Resource): Promise<OperationResult>;
  /** Removes the address if it is here. */
  removeAddress(address: AddressSpec): Promise<OperationResult>;
}

/** All groups at once; the sentences of what could not be released, empty when nothing is left. */
export async function releaseEverything(
  config: ClusterConfig,
  actions: ReleaseActions,
): Promise<readonly string[]> {
  const failures: string[] = [];
  const releaseGroup = async (resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources.toReversed()) {
      const { address } = resource;
      const result =
        address === undefined ? await actions.releaseScript(resource) : await actions.removeAddress(address);
      if (!result.ok) failures.push(`${resource.word}: ${result.detail}`);
    }
  };
  await Promise.all(config.groups.map((group) => releaseGroup(group.resources)));
  for (const instance of config.vrrp?.instances ?? []) {
    for (const { family, address } of [...instance.addresses, ...instance.excludedAddresses]) {
      const result = await actions.removeAddress({ family, address });
      if (!result.ok) failures.push(`${instance.name}: ${result.detail}`);
    }
  }
  return failures;
}
