/** Where cloud-init keeps what belongs to one instance; `instance` is a link to the folder of the running one. */
export const instanceFolder = (machineId: string) => `/var/lib/cloud/instances/${machineId}`;

/**
 * Runs the instance's user data once, as root, as cloud-init's unit of this name does. The marker lies in the
 * instance's own folder, so an image made from this machine runs the user data of its new instance again.
 */
export const userDataUnit = `[Unit]
Description=Run the instance's user data
After=network.target dbus.socket systemd-user-sessions.service
ConditionPathExists=/var/lib/cloud/instance/scripts/part-001
ConditionPathExists=!/var/lib/cloud/instance/sem/config_scripts_user

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/usr/bin/touch /var/lib/cloud/instance/sem/config_scripts_user
ExecStart=/var/lib/cloud/instance/scripts/part-001
ExecStartPost=/usr/bin/touch /var/lib/cloud/instance/boot-finished
KillMode=process
TimeoutSec=0
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`;
