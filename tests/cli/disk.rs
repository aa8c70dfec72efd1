//! A disk that says no costs the cache, never the credentials; and files that are somebody else's, or none.
//!
//! The faults are those of a library that the tests build (`cc`) and load before libc.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::{SSO_SESSION, Sandbox, files_below};
use crate::table::side_by_side;

/// Calls that fail with an error number, `FAULTS="write=28 mkdir=28"`, below a directory, `FAULTS_BELOW`; `rename` wherever
/// it is, since what awsx renames with calls the kernel itself: a filter of system calls is before that.
const FAULTS: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifndef SYS_rename
#define SYS_rename SYS_renameat
#endif

static int below(const char *path) {
    const char *directory = getenv("FAULTS_BELOW");
    return directory && !strncmp(path, directory, strlen(directory));
}
static int below_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}
static int fails(const char *call) {
    const char *fault = getenv("FAULTS");
    size_t length = strlen(call);
    for (; fault; fault = strchr(fault, ' ') ? strchr(fault, ' ') + 1 : NULL)
        if (!strncmp(fault, call, length) && fault[length] == '=') {
            errno = atoi(fault + length + 1);
            return 1;
        }
    return 0;
}
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define OF_FD(name, type, arguments, call) \
    type name arguments { return below_fd(fd) && fails(#name) ? -1 : REAL(name) call; }
OF_FD(flock, int, (int fd, int operation), (fd, operation))
OF_FD(fsync, int, (int fd), (fd))
OF_FD(fdatasync, int, (int fd), (fd))
OF_FD(write, ssize_t, (int fd, const void *bytes, size_t count), (fd, bytes, count))
int mkdir(const char *path, mode_t mode) {
    return below(path) && fails("mkdir") ? -1 : REAL(mkdir)(path, mode);
}
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (flags & (O_CREAT | O_WRONLY | O_RDWR) && below(path) && fails("create")) return -1;
    return REAL(open64)(path, flags, mode);
}
__attribute__((constructor)) static void filter(void) {
    if (!fails("rename")) return;
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rename, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errno),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) abort();
}
"#;

struct Library(#[expect(dead_code, reason = "the file goes with it")] tempfile::TempDir, PathBuf);

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let (source, library) = (directory.path().join("faults.c"), directory.path().join("faults.so"));
    fs::write(&source, FAULTS).unwrap();
    let mut cc = Command::new("cc");
    let built = cc.args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    assert!(built.expect("the tests need cc").success());
    Library(directory, library)
});

impl Sandbox {
    /// These calls fail in the state directory from now on.
    fn break_disk(&self, faults: &str) {
        self.break_disk_at(".local", faults);
    }

    /// The same in another directory below the home directory.
    pub(crate) fn break_disk_at(&self, directory: &str, faults: &str) {
        self.set("LD_PRELOAD", LIBRARY.1.to_str().unwrap());
        self.set("FAULTS_BELOW", self.home().join(directory).to_str().unwrap());
        self.set("FAULTS", faults);
    }

    pub(crate) fn mend_disk(&self) {
        self.unset("LD_PRELOAD");
    }
}

/// Faults, and the words that name them.
const DISKS: [(&str, &str, &str); 9] = [
    ("full", "write=28", "No space left on device"),
    ("without inodes", "create=28 mkdir=28", "No space left on device"),
    ("over its quota", "write=122", "uota exceeded"),
    ("read-only", "create=30 mkdir=30 rename=30", "Read-only file system"),
    ("without locks", "flock=37", "No locks available"),
    ("failing at fsync", "fsync=5 fdatasync=5", "Input/output error"),
    ("failing at rename", "rename=5", "Input/output error"),
    ("failing at mkdir", "mkdir=5", "Input/output error"),
    ("failing at each", "write=5 create=5 mkdir=5 rename=5 flock=5", "Input/output error"),
];

#[test]
fn a_disk_that_says_no_costs_the_cache_never_the_credentials() {
    side_by_side(&DISKS, |&(disk, faults, cause)| {
        for vault in ["auto", "passphrase", "kernel", "memory"] {
            let sandbox = Sandbox::new().without_vault();
            sandbox.set("AWSX_VAULT", vault);
            sandbox.break_disk(faults);
            // At first use, and then with whatever there is.
            for _ in 0..2 {
                let ran = sandbox.exec("readonly", &["--refresh"]).ok().says_no("WARN");
                let told: Vec<&str> = ran.stderr.lines().collect();
                assert!(told.len() <= 2, "{disk}, {vault}: {ran:?}");
                assert!(told.iter().all(|line| line.contains(cause)), "{disk}, {vault}: {ran:?}");
            }
            sandbox.mend_disk();
            sandbox.exec("readonly", &[]).ok();
            if vault != "kernel" {
                sandbox.awsx(&["lock"]).ok();
            }
            sandbox.break_disk(faults);
            sandbox.exec("readonly", &["--refresh"]).ok();
            sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
        }
    });
}

#[test]
fn a_login_is_not_begun_where_it_could_not_be_kept() {
    for (faults, cause, hint) in [
        ("write=28", "No space left on device", "make room there"),
        ("create=30 rename=30", "Read-only file system", "set AWSX_STATE_DIR"),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.exec("readonly", &[]).exits(3);
        sandbox.awsx(&["unlock"]).ok();
        sandbox.break_disk(faults);
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
        terminal.end().fails(7, &["cannot be written", cause, hint]);
        assert!(sandbox.open_pages().is_empty());
    }
}

/// Each that loses the race takes the winner's token.
#[test]
fn without_locks_many_refreshes_lose_no_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.token_seconds = 30);
    sandbox.log_in();
    sandbox.aws.control(|state| state.oidc.token_seconds = 28_800);
    sandbox.break_disk("flock=37");
    let mut told = sandbox.many(6, &["credential-process", "sso", "--refresh"]).ok();
    // Who comes when the login is fresh again needs no lock.
    told.retain(|ran| !ran.stderr.is_empty());
    assert!(!told.is_empty());
    for ran in told {
        ran.stderr_is(&[
            "awsx: going on without a lock: [..]/locks cannot be locked: No locks [..]",
        ]);
    }
    let login = &sandbox.awsx(&["login", "status", "--json"]).ok().json()["logins"][0];
    assert_eq!(login["can_refresh"], true);
    sandbox.mend_disk();
    sandbox.awsx(&["credential-process", "sso", "--refresh"]).ok();
}

fn make_fifo(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let sandbox = Sandbox::new().without_vault();
    sandbox.set("AWSX_VAULT", "auto");
    sandbox.exec("readonly", &[]).ok();
    make_fifo(&sandbox.only_record("sessions"));
    let ran = sandbox.exec("readonly", &[]).ok();
    ran.stderr_is(&[
        "awsx: going on without the cache: [..].rec cannot be read: it is no regular file",
    ]);
    for file in ["vault.json", "unlocker"] {
        sandbox.awsx(&["lock"]).ok();
        make_fifo(&sandbox.state_dir().join(file));
        let ran = sandbox.exec("readonly", &["--refresh"]).ok();
        ran.says(&format!("{file} cannot be read: it is no regular file"));
    }
}

/// As with `sudo -E`: the home directory is the person's.
#[test]
fn what_root_makes_is_the_owners() {
    const ANN: u32 = 12_345;
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let sandbox = Sandbox::with_sso(1, 1).without_vault().logged_in();
    for path in [".", ".aws", ".aws/sso", ".aws/sso/cache"] {
        chown(sandbox.home().join(path), Some(ANN), Some(ANN)).unwrap();
    }
    sandbox.awsx(&["sso", "sync", "corp", "--yes"]).ok();
    sandbox.set("AWS_CONFIG_FILE", "~/new/config");
    sandbox.sign_in(&[]).ok();
    let local = sandbox.home().join(".local");
    let made = files_below(&local).into_iter().chain([sandbox.home().join("new/config")]);
    let mut count = 0;
    for path in made {
        for path in path.ancestors().take_while(|path| *path != sandbox.home()) {
            assert_eq!(fs::metadata(path).unwrap().uid(), ANN, "{path:?}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

/// `docker run -v ~/.aws/config:/root/.aws/config`
#[test]
fn a_config_that_is_a_mount_is_written_in_place() {
    let sandbox = Sandbox::with_sso(1, 1).logged_in();
    let mut mounted = sandbox.command("unshare");
    let script = "mount --bind .aws/config .aws/config && exec \"$@\"";
    mounted.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    mounted.args([crate::sandbox::AWSX, "sso", "sync", "corp", "--yes"]);
    let ran = sandbox.run(&mut mounted, b"", true);
    if ran.stderr.contains("unshare: ") || ran.stderr.contains("mount: ") {
        // No such right here.
        return;
    }
    ran.ok();
    assert!(sandbox.read_config().contains("[profile "), "{}", sandbox.read_config());
    let left: Vec<PathBuf> = files_below(&sandbox.home().join(".aws"));
    assert!(left.iter().all(|file| !file.to_str().unwrap().contains("awsx")), "{left:?}");
}

#[test]
fn what_must_stay_as_it_is_is_refused_before_the_browser() {
    let refused = |sandbox: &Sandbox, words: &[&str]| -> Ran {
        let login = ["login", "aws", "console", "--region", "eu-west-1"];
        let ran = sandbox.awsx_on_terminal(&login).end().fails(3, words);
        assert!(sandbox.open_pages().is_empty());
        ran
    };
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.write_mode(".aws/config", SSO_SESSION, 0o444);
    for words in [&["sso", "sync", "corp", "--yes"][..], &["config", "sso", "--session", "corp"]] {
        let ran = sandbox.awsx_on_terminal(words).end();
        ran.fails(3, &[".aws/config is write-protected", "hint: `chmod u+w "]);
    }
    refused(&sandbox, &[".aws/config is write-protected", "hint: `chmod u+w "]);
    assert_eq!(sandbox.read_config(), SSO_SESSION);

    let device = sandbox.home().join("null");
    let made = Command::new("mknod").arg(&device).args(["c", "1", "3"]).status();
    if made.is_ok_and(|status| status.success()) {
        sandbox.set("AWS_CONFIG_FILE", device.to_str().unwrap());
        refused(&sandbox, &["null is no regular file", "name a file in AWS_CONFIG_FILE"]);
        assert!(!fs::metadata(&device).unwrap().is_file());
    }
}

/// As in a container whose HOME belongs to somebody else.
#[test]
fn files_that_cannot_be_read_are_needed_by_who_names_a_profile() {
    let sandbox = Sandbox::new();
    let circle = sandbox.home().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    sandbox.set("AWS_CONFIG_FILE", circle.to_str().unwrap());
    sandbox.set("AWS_ACCESS_KEY_ID", sample::KEY_ID);
    let error = "cannot read [..]/circle: Too many levels of symbolic links (os error 40)";
    let words = ["exec", "--", "true"];
    sandbox.awsx(&words).fails(3, &["circle", "hint: "]);
    sandbox.set("AWS_SECRET_ACCESS_KEY", sample::SECRET_KEY);
    let warning = format!("warning: {error}; the credentials of the environment do");
    sandbox.awsx(&words).ok().stderr_is(&[&warning]);
    sandbox.awsx(&["whoami"]).ok().prints(sample::USER).stderr_is(&[&warning]);
    sandbox.exec("dev", &[]).fails(3, &["cannot read ", "circle", "hint: "]);
    sandbox.set("AWS_PROFILE", "dev");
    sandbox.awsx(&words).fails(3, &["cannot read ", "circle", "hint: "]);
}
