/** Keywords of global_defs that are known and do nothing here, with the reason. */
import type { Draft } from './draft.js';
import { type Row, unsupported } from './table.js';

const SCHEDULING = 'priorities and limits of the process are those of the heartbeat loop.';
const DIRECTOR = 'the director has no use for it.';

export const UNSUPPORTED_GLOBAL_ROWS: readonly Row<Draft>[] = [
  ...['vrrp_priority', 'checker_priority', 'bfd_priority', 'max_auto_priority', 'min_auto_priority_delay'],
  ...[
    'vrrp_rt_priority',
    'checker_rt_priority',
    'bfd_rt_priority',
    'vrrp_no_swap',
    'checker_no_swap',
    'bfd_no_swap',
  ],
  ...[
    'vrrp_cpu_affinity',
    'checker_cpu_affinity',
    'bfd_cpu_affinity',
    'vrrp_rlimit_rttime',
    'checker_rlimit_rttime',
  ],
  ...[
    'vrrp_rlimit_rtime',
    'checker_rlimit_rtime',
    'vrrp_process_name',
    'checker_process_name',
    'process_names',
  ],
  ...['bfd_process_name', 'bfd_rlimit_rtime', 'bfd_rlimit_rttime', 'lvs_process_name'],
]
  .map((name) => unsupported<Draft>(name, SCHEDULING))
  .concat(
    [
      'lvs_flush_on_stop',
      'lvs_flush_onstop',
      'lvs_netlink_cmd_rcv_bufs',
      'lvs_netlink_cmd_rcv_bufs_force',
      'lvs_netlink_monitor_rcv_bufs',
      'lvs_netlink_monitor_rcv_bufs_force',
    ].map((name) => unsupported<Draft>(name, DIRECTOR)),
    ['enable_snmp_checker', 'enable_snmp_rfcv2', 'enable_snmp_rfcv3'].map((name) =>
      unsupported<Draft>(name, 'there is no SNMP agent; the status page has metrics.'),
    ),
    ['disable_local_igmp'].map((name) =>
      unsupported<Draft>(name, 'the kernel joins and leaves groups by itself.'),
    ),
    ['enable_traps', 'snmp_socket', 'enable_snmp_keepalived', 'enable_snmp_vrrp', 'enable_snmp_rfc'].map(
      (name) => unsupported<Draft>(name, 'there is no SNMP agent; the status page has metrics.'),
    ),
    ['enable_dbus', 'dbus_service_name', 'dbus_no_interface_name'].map((name) =>
      unsupported<Draft>(name, 'there is no D-Bus interface; use "heartbeat status --json".'),
    ),
    ['vrrp_iptables', 'vrrp_ipsets', 'iptables'].map((name) =>
      unsupported<Draft>(name, 'the packet filter of no_accept is set by nft.'),
    ),
    ['nftables_ipvs', 'nftables_ipvs_priority', 'nftables_ipvs_start_fwmark'].map((name) =>
      unsupported<Draft>(name, DIRECTOR),
    ),
    ['nftables_ifindex'].map((name) =>
      unsupported<Draft>(name, 'rules for link-local addresses name the interface.'),
    ),
    [
      'use_symlink_paths',
      'umask',
      'random_seed',
      'reload_check_config',
      'reload_time_file',
      'reload_repeat',
    ].map((name) =>
      unsupported<Draft>(name, 'it has no effect here; a reload always checks the file first.'),
    ),
    [
      'reload_file',
      'include_check',
      'json_version',
      'tmp_config_directory',
      'config_save_dir',
      'data_use_instance',
    ].map((name) => unsupported<Draft>(name, 'it has no effect here.')),
    ['lvs_notify_fifo', 'lvs_notify_fifo_script', 'no_checker_emails'].map((name) =>
      unsupported<Draft>(name, 'it is not built yet.'),
    ),
    ['checker_log_all_failures', 'rs_init_notifies', 'vrrp_rx_bufs_policy', 'vrrp_rx_bufs_multiplier'].map(
      (name) => unsupported<Draft>(name, 'it has no effect here.'),
    ),
    [
      'vrrp_owner_ignore_adverts',
      'allow_if_changes',
      'process_monitor_rcv_bufs',
      'process_monitor_rcv_bufs_force',
      'vrrp_netlink_cmd_rcv_bufs_force',
      'vrrp_netlink_monitor_rcv_bufs_force',
      'vrrp_netlink_cmd_rcv_bufs',
      'vrrp_netlink_monitor_rcv_bufs',
    ].map((name) => unsupported<Draft>(name, 'it has no effect here.')),
  );
