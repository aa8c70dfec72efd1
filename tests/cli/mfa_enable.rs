//! `awsx mfa enable`: a device is made at IAM, its secret is kept, and whatever interrupts that, the next run ends it.

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample::{MFA_SERIAL, USER};
use crate::killed::inject_everywhere;
use crate::sandbox::Sandbox;

const ENABLE: [&str; 5] = ["mfa", "enable", "--for", "dev", "--yes"];

/// The sample user without a device.
fn without_device() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config("[profile dev]\nregion = eu-west-1\n\n[profile other]\nregion = eu-west-1\n");
    sandbox.aws.control(|state| {
        state.iam.user(USER).unwrap().mfa_devices.clear();
    });
    sandbox
}

/// The user has the device, the vault its secret, and the profile its serial number.
fn assert_enabled(sandbox: &Sandbox, docs: &str) {
    let (devices, stray) = sandbox.aws.control(|state| {
        let devices = &state.iam.user(USER).unwrap().mfa_devices;
        let serials: Vec<_> = devices.iter().map(|device| device.serial.clone()).collect();
        (serials, state.iam.unassigned_devices.len())
    });
    assert_eq!((devices, stray), (vec![MFA_SERIAL.to_owned()], 0), "{docs}");
    let line = format!("[profile dev]\nregion = eu-west-1\nmfa_serial = {MFA_SERIAL}\n");
    assert!(sandbox.read_config().starts_with(&line), "{docs}: {}", sandbox.read_config());
    let kept = sandbox.awsx(&["mfa", "list", "--json"]).ok().json();
    assert!(kept.to_string().contains(MFA_SERIAL), "{docs}: {kept}");
}

#[test]
fn a_device_is_made_kept_enabled_and_written_into_the_profile() {
    let sandbox = without_device();
    sandbox.awsx(&ENABLE).ok().stderr_is(&[&format!(
        "awsx: {MFA_SERIAL} is enabled for dev; profile \"dev\" has it as mfa_serial, and its codes come \
         from the vault"
    )]);
    let calls = "GetCallerIdentity ListMFADevices CreateVirtualMFADevice EnableMFADevice";
    assert_eq!(sandbox.aws.new_operations().join(" "), calls);
    assert_enabled(&sandbox, "enabled");
    sandbox.awsx(&ENABLE).ok().says("was enabled before for dev");
    assert_enabled(&sandbox, "again");
    // The vault's codes are the device's. What was used is forgotten, or this would wait for the next one.
    for note in sandbox.records("notes") {
        std::fs::remove_file(note).unwrap();
    }
    let shown = || sandbox.aws.mfa_code(MFA_SERIAL);
    let before = shown();
    let code = sandbox.awsx(&["mfa", "code", "--serial", MFA_SERIAL]).ok();
    assert!([before, shown()].contains(&code.stdout.trim().to_owned()), "{code:?}");
}

#[test]
fn what_is_interrupted_is_ended_by_the_next_run() {
    let faults = [
        Fault::refuse(403, "AccessDenied", "no such luck"),
        Fault::INTERNAL,
        Fault::Reset,
        Fault::LoseAnswer,
        Fault::Truncate,
        Fault::Garbage,
    ];
    let calls = ["ListMFADevices", "CreateVirtualMFADevice", "EnableMFADevice"];
    let rows: Vec<_> = calls.iter().map(|call| (*call, ())).collect();
    crate::table::side_by_side(&rows, |&(call, ())| {
        for fault in faults {
            let sandbox = without_device();
            sandbox.set("AWS_MAX_ATTEMPTS", "1");
            sandbox.aws.fail(call, fault, 1);
            let ran = sandbox.awsx(&ENABLE);
            assert!(matches!(ran.code, 0 | 5 | 6), "{call} {fault:?}: {ran:?}");
            sandbox.awsx(&ENABLE).ok();
            assert_enabled(&sandbox, &format!("{call} {fault:?}"));
        }
    });
}

/// SIGKILL, or a disk that is full, at each of awsx's system calls.
#[test]
fn what_is_killed_anywhere_is_ended_by_the_next_run() {
    for fault in ["signal=KILL", "error=ENOSPC"] {
        inject_everywhere(without_device, &ENABLE, fault, |sandbox, at| {
            let docs = format!("{fault} at {at}");
            let ended = sandbox.awsx(&ENABLE);
            assert_eq!(ended.code, 0, "{docs}: {ended:?}");
            assert_enabled(sandbox, &docs);
            // The secret that is kept is the device's.
            sandbox.records("notes").iter().for_each(|note| std::fs::remove_file(note).unwrap());
            let before = sandbox.aws.mfa_code(MFA_SERIAL);
            let code = sandbox.awsx(&["mfa", "code", "dev"]).ok().stdout;
            let shown = [before, sandbox.aws.mfa_code(MFA_SERIAL)];
            assert!(shown.contains(&code.trim().to_owned()), "{docs}: {code}");
        });
    }
}

#[test]
fn a_run_that_is_killed_anywhere_is_ended_by_the_next() {
    inject_everywhere(without_device, &ENABLE, "signal=KILL", |sandbox, at| {
        sandbox.awsx(&ENABLE).ok();
        assert_enabled(sandbox, at);
    });
}

#[test]
fn what_stands_in_the_way_is_said() {
    let sandbox = without_device();
    let enable = |args: &[&str]| sandbox.awsx(&[&["mfa", "enable"], args].concat());
    enable(&["--for", "dev"])
        .fails(4, &["`awsx mfa enable --for dev --yes` does not ask whether to"]);
    sandbox.config(&format!("[profile dev]\nregion = eu-west-1\nmfa_serial = {MFA_SERIAL}2\n"));
    let other = [".aws/config:3: profile \"dev\" has another mfa_serial: ", "take that line out"];
    enable(&["--for", "dev", "--yes"]).fails(3, &other);
    let denied = "iam:ListMFADevices was refused: AccessDenied";
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    enable(&["eve", "--for", "dev", "--yes"]).fails(5, &[denied, "must allow iam:ListMFADevices"]);
    // A device of that name, whose secret is elsewhere; then one that is nobody's.
    let sandbox = Sandbox::new();
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    let foreign = [
        "dev has the device arn:aws:iam::111111111111:mfa/dev already, and its secret is not in the vault",
        "`awsx mfa add --serial arn:aws:iam::111111111111:mfa/dev` stores its secret",
    ];
    sandbox.awsx(&ENABLE).fails(3, &foreign);
    sandbox.aws.control(|state| {
        let device = state.iam.user(USER).unwrap().mfa_devices.remove(0);
        state.iam.unassigned_devices.push(device);
    });
    sandbox.awsx(&ENABLE).ok().says("was there without a user; it is made anew");
    assert_enabled(&sandbox, "made anew");
}
